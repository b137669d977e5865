"""The endpoint that Rivya calls: registered once, and again soon when Rivya did not answer."""

from __future__ import annotations

from pydantic import SecretStr

from rivya import Client
from sandbox import DEMO_API_KEY
from studio.webhooks import WebhookHints


def test_registering_is_tried_again_after_no_answer_and_then_rests(sandbox):
    with Client(DEMO_API_KEY, "http://127.0.0.1:9", max_retries=0) as away:
        hints = WebhookHints(away, SecretStr(DEMO_API_KEY), "https://studio.example.com")
        hints.register()
        with Client(DEMO_API_KEY, sandbox.base_url, max_retries=0) as here:
            hints._client = here
            hints.register()
            [endpoint] = here.webhooks.list()
            assert endpoint.url.endswith(hints.token)
        # Nobody is asked any more within the hour: the connection is closed, and that goes unnoticed.
        hints.register()
        assert hints._good_until > 0
