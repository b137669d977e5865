"""The example films reach a browser as films, and it plays them."""

from __future__ import annotations

import pytest

PLAYED = """async url => {
    const film = Object.assign(document.createElement("video"), {muted: true, loop: true, src: url});
    document.body.append(film);
    await film.play();
    await new Promise(resolve => film.ontimeupdate = () => film.currentTime > 0.3 && resolve());
    return [film.videoWidth, film.videoHeight, film.duration];
}"""


@pytest.mark.parametrize(("name", "shape"), [("starter_social_ad", [180, 320, 3]), ("help_duration_b", [320, 180, 6])])
def test_an_example_plays_from_the_apps_own_address(app, page, name, shape):
    """Streamlit's static folder sends films with their type and in ranges, and nothing outside of it."""
    page.goto(app.url)
    page.get_by_role("textbox").first.wait_for()
    assert page.evaluate(PLAYED, f"app/static/examples/{name}.mp4") == shape
    part = page.request.get(f"{app.url}/app/static/examples/{name}.mp4", headers={"Range": "bytes=0-99"})
    assert (part.status, part.headers["content-type"], len(part.body())) == (206, "video/mp4", 100)
    assert page.request.get(f"{app.url}/app/static/examples/{name}.webp").headers["content-type"] == "image/webp"
    assert page.request.get(f"{app.url}/app/static/examples/..%2f..%2fnavigation.py").status in {400, 404}
