"""A writer of one's own: what it is told, what is taken from it, and what is not."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import ValidationError

from studio import Settings
from studio.errors import WriterError
from studio.writer import MAX_ANSWER_BYTES, Writer

SECRET = "sk-writer-secret"


@pytest.fixture
def server():
    """A server that answers as ``answer`` says and remembers what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.asked.append((self.path, self.headers.get("authorization"), asked))
            status, body = server.answer
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.answer = [], (200, b"")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def writer(server) -> Writer:
    url = f"http://127.0.0.1:{server.server_port}/v1"
    return Writer(Settings(writer_url=url, writer_key=SECRET, writer_model="tiny"))


def said(text: object) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}}]}).encode()


def test_the_prompt_alone_is_sent_and_the_answer_comes_back(server):
    """With the team's key and model; quotation marks around the answer are taken off."""
    server.answer = (200, said('"A paper boat drifts by, soft light"\n'))
    assert writer(server).improve("A paper boat") == "A paper boat drifts by, soft light"
    ((path, key, asked),) = server.asked
    assert (path, key, asked["model"]) == ("/v1/chat/completions", f"Bearer {SECRET}", "tiny")
    assert [message["content"] for message in asked["messages"]][1:] == ["A paper boat"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, b"{}"), "refused the key"),
        ((500, b"oops"), "answered 500"),
        ((302, b""), "answered 302"),
        ((200, b"<html>"), "could not be read"),
        ((200, b"[]"), "could not be read"),
        ((200, said(None)), "could not be read"),
        ((200, said("  ")), "could not be read"),
        ((200, b"x" * (MAX_ANSWER_BYTES + 1)), "too long"),
    ],
)
def test_whatever_it_answers_is_met_with_words(server, answer, words):
    """No key and no prompt in the complaint."""
    server.answer = answer
    with pytest.raises(WriterError, match=words) as caught:
        writer(server).improve("A secret boat")
    assert SECRET not in str(caught.value)
    assert "secret boat" not in str(caught.value)


def test_nobody_there_is_met_with_words(server):
    """A closed port is no exception box."""
    nobody = Writer(Settings(writer_url="http://127.0.0.1:9/v1"))
    with pytest.raises(WriterError, match="did not answer"):
        nobody.improve("A boat")
    with pytest.raises(WriterError, match="No writer is set"):
        Writer(Settings()).improve("A boat")
    assert not Writer(Settings()).is_set


@pytest.mark.parametrize("url", ["http://writer.example/v1", "https://a:b@writer.example/v1", "ftp://x", "https://"])
def test_an_unsafe_address_is_refused_at_the_start(url):
    """A prompt and a key do not travel in the open."""
    with pytest.raises(ValidationError):
        Settings(writer_url=url)
