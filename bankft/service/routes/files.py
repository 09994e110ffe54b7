"""``/v1/files``: what jobs learn from, and what they leave."""

import hashlib
import os
import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile

from fastapi import APIRouter, Request
from openai.types import FileDeleted, FileObject
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, JSONResponse

from bankft.service import answers, paging
from bankft.service.body import check, query
from bankft.service.context import Service, recording_of, service_of, stamp_of
from bankft.service.envelope import ApiError, shown
from bankft.service.frame import too_large
from bankft.service.store import is_file_id
from bankft.service.tables import File
from bankft.service.wire import CreateFile

router = APIRouter(prefix="/v1/files")


@router.post("")
async def create(request: Request) -> JSONResponse:
    """Take a file. Its bytes go to disk as they come; its name never becomes a path."""
    service = service_of(request)
    query(request)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ApiError(
            400,
            "Upload files as a form: 'Content-Type: multipart/form-data' with the fields "
            "'file' and 'purpose'.",
            code="invalid_form",
        )
    async with request.form(max_files=1, max_fields=4) as form:
        fields = {}
        for name, value in form.multi_items():
            if name == "file" and isinstance(value, str):
                raise ApiError(400, "Invalid 'file': it must be a file.", param="file")
            if name != "file" and not isinstance(value, str):
                raise ApiError(
                    400, "The form may hold one file, in its field 'file'.", param="file"
                )
            fields[name] = value
        upload = fields.pop("file", None)
        wanted = check({"file": "", **fields} if upload else dict(fields), CreateFile)
        assert isinstance(upload, UploadFile)
        filename = Path((upload.filename or "").replace("\\", "/")).name[:255] or "upload"
        if wanted.purpose == "fine-tune" and not filename.endswith(".jsonl"):
            raise ApiError(
                400, "Invalid file format for Fine-Tuning API. Must be .jsonl", param="file"
            )
        if not upload.size:
            raise ApiError(400, "The file is empty.", param="file", code="empty_file")
        if upload.size > service.largest_file:
            raise too_large(service.largest_file)
        kept, digest = await run_in_threadpool(_keep, service, upload)
    try:
        stamp = await stamp_of(request, f"{filename} {wanted.purpose} {digest}".encode())
        now = stamp.tick()
        row = File(
            id=stamp.id("file-"),
            filename=filename,
            bytes=upload.size,
            purpose=wanted.purpose,
            created_at=now,
            expires_at=now + wanted.seconds if wanted.seconds else None,
            recording=stamp.recording,
        )
        await run_in_threadpool(_store, service, row, kept)
    finally:
        kept.unlink(missing_ok=True)
    return _one(answers.file(row))


@router.get("")
async def list_files(request: Request) -> JSONResponse:
    """List files, newest first unless ``order=asc``."""
    service, asked = service_of(request), query(request, "purpose", "limit", "order", "after")
    if asked.get("order", "desc") not in ("asc", "desc"):
        raise ApiError(400, "Invalid 'order': it must be 'asc' or 'desc'.", param="order")
    now = await _now(request)

    def rows() -> list[File]:
        newest = [File.created_at.desc(), (File.id if service.clock.logical else File.n).desc()]
        wanted = select(File).order_by(*newest)
        if "purpose" in asked:
            wanted = wanted.where(File.purpose == asked["purpose"])
        if service.clock.logical:
            wanted = wanted.where(File.recording == recording_of(request.headers))
        with service.store.read() as session:
            found = [row for row in session.scalars(wanted) if not _expired(row, now)]
        return found if asked.get("order", "desc") == "desc" else found[::-1]

    found, more = paging.page(await run_in_threadpool(rows), asked, 10_000)
    return JSONResponse(paging.listing([answers.file(row) for row in found], more, ends=True))


@router.get("/{file_id}")
async def retrieve(request: Request, file_id: str) -> JSONResponse:
    """Return what is known about a file."""
    query(request)
    return _one(answers.file(await _find(request, file_id)))


@router.get("/{file_id}/content")
async def content(request: Request, file_id: str) -> FileResponse:
    """Return a file's bytes."""
    query(request)
    row = await _find(request, file_id)
    path = service_of(request).store.file_path(row.id)
    return FileResponse(path, media_type="application/octet-stream")


@router.delete("/{file_id}")
async def delete(request: Request, file_id: str) -> JSONResponse:
    """Delete a file and its bytes."""
    query(request)
    service, row = service_of(request), await _find(request, file_id)
    await run_in_threadpool(_remove, service, row)
    return _one(FileDeleted(id=row.id, object="file", deleted=True))


def _one(thing: FileObject | FileDeleted) -> JSONResponse:
    return JSONResponse(thing.model_dump(mode="json", exclude_unset=True))


def _keep(service: Service, upload: UploadFile) -> tuple[Path, str]:
    """Copy an upload beside the files; return where, and its SHA-256."""
    with NamedTemporaryFile(
        dir=service.store.folder / "files", suffix=".part", delete=False
    ) as out:
        kept = Path(out.name)
        try:
            shutil.copyfileobj(upload.file, out, 1024 * 1024)
            out.flush()
            os.fsync(out.fileno())
        except BaseException:
            kept.unlink(missing_ok=True)
            raise
    with kept.open("rb") as written:
        return kept, hashlib.file_digest(written, "sha256").hexdigest()


def _store(service: Service, row: File, kept: Path) -> None:
    with service.store.write() as session:
        session.add(row)
        session.flush()
        kept.rename(service.store.file_path(row.id))


def _remove(service: Service, row: File) -> None:
    with service.store.write() as session:
        session.delete(session.merge(row))
    service.store.file_path(row.id).unlink(missing_ok=True)


async def _now(request: Request) -> int:
    # No take of its own: looking must not change what the next look is given.
    service = service_of(request)
    return service.clock.now(recording_of(request.headers))


def _expired(row: File, now: int) -> bool:
    return row.expires_at is not None and row.expires_at <= now


def find(session: Session, file_id: str, now: int) -> File | None:
    """Return a file that exists and has not expired."""
    if not is_file_id(file_id):
        return None
    row = session.scalar(select(File).where(File.id == file_id))
    return None if row is None or _expired(row, now) else row


async def _find(request: Request, file_id: str) -> File:
    service, now = service_of(request), await _now(request)

    def look() -> File | None:
        with service.store.read() as session:
            return find(session, file_id, now)

    row = await run_in_threadpool(look)
    if row is None:
        raise ApiError(404, f"No such File object: {shown(file_id)}", param="id")
    return row
