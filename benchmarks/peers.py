"""One create call with a peer's SDK, all its settings left at their defaults but the key and the address.

``python peers.py <peer> <base_url>`` prints a line of JSON: ``{"task_id": …}``, ``{"error": …}`` or
``{"not_run": …}``. ``python peers.py versions`` prints the installed version of each. Runs in ``.venv-bench``, which
does not know ``rivya``.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import PackageNotFoundError, version

KEY = "a-key-of-nobody"
PROMPT = "A paper boat drifts down a rainy street"
DISTRIBUTIONS = {
    "replicate": "replicate",
    "fal": "fal-client",
    "runway": "runwayml",
    "luma": "lumaai",
    "openai": "openai",
    "ark": "byteplus-python-sdk-v2",
}


def replicate(base_url: str) -> str:
    """``predictions.create`` of an official model."""
    from replicate import Client

    client = Client(api_token=KEY, base_url=base_url)
    return client.predictions.create(model="bytedance/seedance-1-pro", input={"prompt": PROMPT}).id


def fal(base_url: str) -> str:
    """``submit`` to the queue. Its host is a setting, its https is not: the format of the address is replaced."""
    from fal_client import SyncClient, client

    client.QUEUE_URL_FORMAT = f"{base_url}/"
    handle = SyncClient(key=KEY).submit("fal-ai/bytedance/seedance/v1/pro/text-to-video", {"prompt": PROMPT})
    return handle.request_id


def runway(base_url: str) -> str:
    """``image_to_video.create``."""
    from runwayml import RunwayML

    client = RunwayML(api_key=KEY, base_url=base_url)
    image = "https://example.com/boat.jpg"
    created = client.image_to_video.create(
        model="gen4_turbo", prompt_image=image, prompt_text=PROMPT, ratio="1280:720", duration=5
    )
    return created.id


def luma(base_url: str) -> str:
    """``generations.create``."""
    from lumaai import LumaAI

    client = LumaAI(auth_token=KEY, base_url=f"{base_url}/dream-machine/v1")
    return client.generations.create(model="ray-2", prompt=PROMPT).id


def openai(base_url: str) -> str:
    """``videos.create``."""
    from openai import OpenAI

    return OpenAI(api_key=KEY, base_url=f"{base_url}/v1").videos.create(model="sora-2", prompt=PROMPT).id


def ark(base_url: str) -> str:
    """``content_generation.tasks.create``."""
    from byteplussdkarkruntime import Ark

    client = Ark(api_key=KEY, base_url=f"{base_url}/api/v3")
    content = [{"type": "text", "text": PROMPT}]
    return client.content_generation.tasks.create(model="seedance-1-0-pro-250528", content=content).id


PEERS = {"replicate": replicate, "fal": fal, "runway": runway, "luma": luma, "openai": openai, "ark": ark}


def versions() -> dict[str, str]:
    """Return the installed version of each peer; those that are not installed are left out."""
    found = {}
    for peer, distribution in DISTRIBUTIONS.items():
        try:
            found[peer] = f"{distribution} {version(distribution)}"
        except PackageNotFoundError:
            continue
    return found


def outcome(peer: str, base_url: str) -> dict[str, str]:
    """Make the one call and return what the caller is left with."""
    try:
        return {"task_id": PEERS[peer](base_url)}
    except ImportError as error:
        return {"not_run": f"{type(error).__name__}: {error}"}
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is the result
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    print(json.dumps(versions() if sys.argv[1] == "versions" else outcome(*sys.argv[1:])), flush=True)
