"""A writer of one's own: any OpenAI-compatible address that the team sets improves a prompt, and people accept or not.

Off by default. Only the prompt leaves, and only on a press; what comes back is text that somebody reads first.
"""

from __future__ import annotations

import httpx

from rivya.spec import DEFAULT_MODEL
from studio.errors import WriterError
from studio.i18n import N_
from studio.settings import Settings

TIMEOUT_SECONDS = 40.0
MAX_ANSWER_BYTES = 200_000
INSTRUCTION = (
    "You improve prompts for a text-to-video model. Keep the author's subject, action, language and intent. Add what "
    "is missing of camera, light, movement and mood. One paragraph, present tense, at most 80 words. Answer with the "
    "improved prompt alone."
)


class Writer:
    """Asks the address in ``RIVYA_WRITER_URL``. ``client`` is for tests."""

    def __init__(self, settings: Settings, client: httpx.Client | None = None) -> None:
        self._settings = settings
        self._client = client

    @property
    def is_set(self) -> bool:
        """Whether the team has set one."""
        return self._settings.writer_url is not None

    def improve(self, prompt: str) -> str:
        """Return the writer's version of ``prompt``. Waits for the network, at most 40 s. Raises ``WriterError``."""
        settings = self._settings
        if settings.writer_url is None:
            raise WriterError(N_("No writer is set. Set RIVYA_WRITER_URL and start the studio again."))
        key = settings.writer_key
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        messages = [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": prompt}]
        client = self._client or httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)
        try:
            with client.stream(
                "POST",
                f"{settings.writer_url}/chat/completions",
                headers=headers,
                json={"model": settings.writer_model, "messages": messages},
            ) as answer:
                body = _bounded(answer)
                return _text(answer, body)
        except httpx.HTTPError:
            raise WriterError(N_("The writer did not answer. Try again, or write on yourself.")) from None
        finally:
            if self._client is None:
                client.close()


def _bounded(answer: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise WriterError(N_("The writer's answer is too long to be a prompt."))
    return bytes(body)


def _text(answer: httpx.Response, body: bytes) -> str:
    if answer.status_code in {401, 403}:
        raise WriterError(N_("The writer refused the key. Check RIVYA_WRITER_KEY."))
    if answer.status_code != httpx.codes.OK:
        raise WriterError(N_("The writer answered {status}. Try again later."), status=answer.status_code)
    try:
        text = httpx.Response(200, content=body).json()["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError):
        text = None
    if not isinstance(text, str) or not text.strip():
        raise WriterError(N_("The writer's answer could not be read."))
    return text.strip().strip('"“”').strip()[: DEFAULT_MODEL.max_prompt_characters]
