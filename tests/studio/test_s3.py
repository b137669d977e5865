"""The shared archive on a real S3 server, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import SMALL, eventually, picture, stopped_after

from rivya import GenerationRequest
from sandbox import DEMO_API_KEY
from studio import Settings, Studio
from studio.errors import StoreError
from studio.media.object_store import ObjectStore

BUCKET = "studio-videos"
SECRET = "secret-of-the-bucket"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """An empty bucket; the way to it and its key stand in the environment, as a deployment has them."""
    # Imported here: all who collect the tests would wait for it, and only this fixture needs it.
    import boto3
    from moto.s3.models import s3_backends
    from moto.server import ThreadedMotoServer
    from s3fs import S3FileSystem

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    s3_backends.reset()
    S3FileSystem.clear_instance_cache()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "studio")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    yield client
    client.close()
    server.stop()


def names(bucket) -> set[str]:
    return {each["Key"] for each in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def test_a_clip_and_its_picture_reach_s3_and_come_back_on_another_machine(bucket, settings, tmp_path):
    """Video, poster and reference image, by the hash of their content, the same to the byte; and gone with the trash."""
    shared = {"archive_url": f"s3://{BUCKET}/studio", "database_url": settings.database, "api_key": DEMO_API_KEY}
    mine = {"base_url": settings.base_url, "poll_first_seconds": 0.1, "poll_min_seconds": 0.1, "poll_max_seconds": 0.2}
    with stopped_after(Studio(Settings(data_dir=settings.data_dir, **mine, **shared))) as here:
        clip = here.wait(here.submit(GenerationRequest(prompt="A paper boat", **SMALL), picture()).id, 60)
        kept = eventually(lambda: len(found := names(bucket)) >= 3 and found)
        assert any(clip.video_sha256 in name for name in kept)
        assert any(clip.reference_sha256 in name for name in kept)
        content = clip.video_path.read_bytes()
    with stopped_after(Studio(Settings(data_dir=tmp_path / "there", **mine, **shared))) as there:
        assert there.archive.has(clip.video_sha256)
        assert there.get(clip.id).video_path.read_bytes() == content
        assert there.submission.stored_reference(clip.reference_sha256).data == picture()
        there.trash([clip.id], deleted=True)
        there.remove_for_good([clip.id])
        eventually(lambda: not any(clip.video_sha256 in name for name in names(bucket)))


def test_a_server_that_is_gone_loses_nothing(bucket, settings, tmp_path, monkeypatch):
    """The clip is paid once and kept here; the store says what is wrong without its secret."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    elsewhere = settings.model_copy(update={"archive_url": Settings(archive_url="s3://gone/studio").archive_url})
    with stopped_after(Studio(elsewhere)) as studio:
        clip = studio.wait(studio.submit(GenerationRequest(prompt="A paper boat", **SMALL)).id, 60)
        assert clip.state == "succeeded"
        assert clip.video_path.is_file()
    store = ObjectStore("s3://gone/studio")
    with pytest.raises(StoreError, match="shared archive refused") as caught:
        store.put(clip.video_path, "videos/a.mp4")
    assert SECRET not in str(caught.value)
    store.get("videos/a.mp4", tmp_path / "a.mp4")
    assert not (tmp_path / "a.mp4").exists()
    with pytest.raises(StoreError, match="did not remove"):
        store.remove("videos/a.mp4")
    assert names(bucket) == set()
