"""The endpoints: each reads a request, asks the ledger, and spells the answer."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Response
from fastapi import Path as PathParam
from starlette.datastructures import URL
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse

from rivya.spec import MODELS, SEED_RANDOM
from sandbox.auth import Keys, requires
from sandbox.control import control
from sandbox.errors import ApiError, EnvelopeMiddleware, install_error_handlers
from sandbox.fault_middleware import FaultMiddleware, spoil
from sandbox.faults import FaultPlan
from sandbox.ledger import Ledger, StoredFile, Task, open_ledger
from sandbox.prompt_tags import Rehearsal
from sandbox.responses import CreditsAnswer, FileAnswer, ModelAnswer, ModelList, TaskAnswer, TaskError, TaskResult
from sandbox.schema import generation_body, refusals, upload_body
from sandbox.uploads import Upload, bounded_body, read_upload
from sandbox.validation import read_idempotency_key, read_order
from sandbox.webhooks import WebhookAnswer, WebhookList, WebhookOrder, Webhooks
from sandbox.worker import Jobs

MAX_JSON_BYTES = 1024 * 1024
MAX_SEED = 2**31 - 1

api = APIRouter(prefix="/api/v1")
media = APIRouter(include_in_schema=False)
hooks = APIRouter(
    prefix="/api/v1/webhooks", include_in_schema=False, dependencies=[Depends(requires("webhooks:manage"))]
)


def create_app(
    data_dir: Path,
    *,
    keys: Mapping[str, frozenset[str]],
    balance: int,
    seconds: float,
    rate_per_minute: int,
    faults: FaultPlan,
    frames_per_drawing: int,
    ready_clips: Path | None,
    base_url: str,
    deliver_webhooks_to: str | None,
) -> FastAPI:
    """Build the application; its worker runs from startup to shutdown.

    Faults lie inside the middleware that gives each request its id: an injected refusal has one too.
    """
    app = FastAPI(
        title="Rivya sandbox",
        version="1",
        description="A simulation of the Rivya Public API on this computer. No real credits.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_working,
        middleware=[Middleware(EnvelopeMiddleware), Middleware(FaultMiddleware, plan=faults)],
    )
    app.state.keys = Keys(keys, rate_per_minute)
    app.state.faults = faults
    app.state.rehearsal = Rehearsal()
    uploads, results = data_dir / "files", data_dir / "results"
    for folder in (uploads, results):
        folder.mkdir(parents=True, exist_ok=True)
    ledger = open_ledger(data_dir, balance)
    app.state.ledger, app.state.uploads, app.state.results = ledger, uploads, results
    webhooks = Webhooks(lambda task_id: _task_answer(f"{base_url}/", ledger.task(task_id)), deliver_webhooks_to)
    app.state.webhooks = webhooks
    app.state.jobs = Jobs(
        ledger,
        uploads=uploads,
        results=results,
        seconds=seconds,
        frames_per_drawing=frames_per_drawing,
        ready_clips=ready_clips,
        on_end=webhooks.tell,
    )
    install_error_handlers(app)
    app.include_router(api)
    app.include_router(media)
    app.include_router(hooks)
    app.include_router(control)
    return app


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    jobs: Jobs = app.state.jobs
    jobs.start()
    try:
        yield
    finally:
        jobs.stop()
        app.state.webhooks.stop()


def _ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.ledger
    return ledger


async def _json_body(request: Request) -> bytes:
    return await bounded_body(request, MAX_JSON_BYTES)


def _webhooks(request: Request) -> Webhooks:
    webhooks: Webhooks = request.app.state.webhooks
    return webhooks


def _rehearsal(request: Request) -> Rehearsal:
    rehearsal: Rehearsal = request.app.state.rehearsal
    return rehearsal


LedgerOf = Annotated[Ledger, Depends(_ledger)]
RehearsalOf = Annotated[Rehearsal, Depends(_rehearsal)]


@api.get("/models", responses=refusals())
def list_models() -> ModelList:
    """List the models; no key is needed."""
    return ModelList(data=[ModelAnswer.of(spec) for spec in MODELS.values()])


@api.get("/credits", dependencies=[Depends(requires("credits:read"))], responses=refusals(401, 403, 429))
def read_credits(ledger: LedgerOf) -> CreditsAnswer:
    """Return the balance."""
    return CreditsAnswer(current_credits=ledger.balance())


@api.post(
    "/files",
    dependencies=[Depends(requires("files:create"))],
    responses=refusals(400, 401, 403, 413, 429),
    openapi_extra=upload_body(),
)
def create_file(request: Request, upload: Annotated[Upload, Depends(read_upload)], ledger: LedgerOf) -> FileAnswer:
    """Store a reference file."""
    file = upload.store(request.app.state.uploads)
    ledger.add_file(file)
    return _file_answer(request, file)


@api.get("/files/{fileId}", dependencies=[Depends(requires("files:read"))], responses=refusals(401, 403, 404, 429))
def read_file(request: Request, file_id: Annotated[str, PathParam(alias="fileId")], ledger: LedgerOf) -> FileAnswer:
    """Return what is known about an uploaded file."""
    return _file_answer(request, ledger.file(file_id))


@api.post(
    "/generations",
    dependencies=[Depends(requires("generations:create"))],
    responses=refusals(400, 401, 402, 403, 409, 413, 429),
    openapi_extra=generation_body(),
)
def create_generation(
    request: Request,
    response: Response,
    body: Annotated[bytes, Depends(_json_body)],
    ledger: LedgerOf,
    rehearsal: RehearsalOf,
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)] = None,
) -> TaskAnswer:
    """Reserve the credits and queue a generation; the same ``Idempotency-Key`` gives back the first one."""
    order = read_order(body)
    chosen = int(order.params.get("seed", SEED_RANDOM))
    seed = secrets.randbelow(MAX_SEED) if chosen == SEED_RANDOM else chosen
    key = read_idempotency_key(idempotency_key)
    rehearsal.before_creation(order.prompt, key or order.body_hash)
    task, is_new = ledger.create(order, key, seed=seed)
    if is_new:
        request.app.state.jobs.add(task)
    else:
        response.headers["idempotency-replayed"] = "true"
    if fault := rehearsal.after_creation(order.prompt, key or order.body_hash):
        spoil(request, fault)
    return _task_answer(request.base_url, task)


@api.get(
    "/generations/{taskId}",
    dependencies=[Depends(requires("generations:read"))],
    responses=refusals(401, 403, 404, 429),
)
def read_generation(
    request: Request, task_id: Annotated[str, PathParam(alias="taskId")], ledger: LedgerOf, rehearsal: RehearsalOf
) -> TaskAnswer:
    """Return the state of a generation."""
    task = ledger.task(task_id)
    rehearsal.before_look(task.prompt, task.id)
    return _task_answer(request.base_url, task)


@hooks.get("")
def list_webhooks(request: Request) -> WebhookList:
    """List the endpoints."""
    return _webhooks(request).all()


@hooks.post("")
def create_webhook(request: Request, order: WebhookOrder) -> WebhookAnswer:
    """Call this address whenever a generation ends."""
    return _webhooks(request).add(order)


@media.api_route("/files/{name}", methods=["GET", "HEAD"])
def serve_file(request: Request, name: str, ledger: LedgerOf) -> FileResponse:
    """Serve an uploaded file to anyone on this computer."""
    file = ledger.file(name.partition(".")[0])
    return FileResponse(request.app.state.uploads / file.stored_as, media_type=file.mime_type)


@media.api_route("/results/{name}.mp4", methods=["GET", "HEAD"])
def serve_result(request: Request, name: str, ledger: LedgerOf, rehearsal: RehearsalOf) -> FileResponse:
    """Serve a finished video to anyone on this computer."""
    task = ledger.task(name)
    if task.status != "succeeded":
        raise ApiError("not_found", "This generation has no video.")
    if request.method == "GET" and (fault := rehearsal.before_download(task.prompt, task.id)):
        spoil(request, fault)
    return FileResponse(request.app.state.results / f"{task.id}.mp4", media_type="video/mp4")


@media.get("/healthz")
def health() -> dict[str, str]:
    """Say that the sandbox serves."""
    return {"status": "ok"}


def _file_answer(request: Request, file: StoredFile) -> FileAnswer:
    return FileAnswer(
        id=file.id,
        kind=file.kind,
        url=f"{request.base_url}files/{file.stored_as}",
        name=file.name,
        mime_type=file.mime_type,
        size_bytes=file.size_bytes,
        created_at=file.created_at,
    )


def _task_answer(base_url: URL | str, task: Task) -> TaskAnswer:
    url = f"{base_url}results/{task.id}.mp4"
    error = TaskError(code="generation_failed", message=task.error_message) if task.error_message else None
    return TaskAnswer.model_validate(
        {
            "id": task.id,
            "status": task.status,
            "model": task.model,
            "reserved_credits": task.reserved_credits,
            "final_credits": task.final_credits,
            "created_at": task.created_at,
            "updated_at": task.updated_at,
            "result": TaskResult(primary_url=url, urls=[url]) if task.status == "succeeded" else None,
            "error": error,
        }
    )
