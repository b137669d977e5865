"""The example films reach a browser as films, and it plays them."""

from __future__ import annotations

from e2e.conftest import visit

PLAYED = """async url => {
    const film = Object.assign(document.createElement("video"), {muted: true, loop: true, src: url});
    document.body.append(film);
    await film.play();
    await new Promise(resolve => film.ontimeupdate = () => film.currentTime > 0.3 && resolve());
    return [film.videoWidth, film.videoHeight, film.duration];
}"""


def test_examples_play_from_the_apps_own_address(stocked, page):
    """Streamlit's static folder sends films with their type and in ranges, and nothing outside of it."""
    visit(page, stocked)
    address = f"{stocked.url}/app/static/examples"
    for name, shape in (("starter_social_ad", [180, 320, 3]), ("help_duration_b", [320, 180, 6])):
        assert page.evaluate(PLAYED, f"{address}/{name}.mp4") == shape
        part = page.request.get(f"{address}/{name}.mp4", headers={"Range": "bytes=0-99"})
        assert (part.status, part.headers["content-type"], len(part.body())) == (206, "video/mp4", 100)
        assert page.request.get(f"{address}/{name}.webp").headers["content-type"] == "image/webp"
    assert page.request.get(f"{address}/..%2f..%2fnavigation.py").status in {400, 404}
