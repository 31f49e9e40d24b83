from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.textbook.crypto import decrypt, encrypt
from tests.textbook.database import Base, Secret, engine, get_session
from tests.textbook.models import SecretCreate, SecretResponse, SecretUpdate, SecretWithValue

Base.metadata.create_all(engine)

app = FastAPI(title="Secrets API")
app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"], allow_methods=["*"])

Db = Annotated[Session, Depends(get_session)]


def _find(session: Session, number: int) -> Secret:
    secret = session.get(Secret, number)
    if secret is None:
        raise HTTPException(404, "Secret not found")
    return secret


def _find_by_name(session: Session, name: str) -> Secret | None:
    return session.scalars(select(Secret).where(Secret.name == name)).first()


@app.post("/api/secrets", response_model=SecretResponse)
def create_secret(body: SecretCreate, session: Db) -> Secret:
    if _find_by_name(session, body.name):
        raise HTTPException(400, "Secret with this name already exists")
    secret = Secret(
        name=body.name, description=body.description, encrypted_value=encrypt(body.value)
    )
    session.add(secret)
    session.commit()
    session.refresh(secret)
    return secret


@app.get("/api/secrets", response_model=list[SecretResponse])
def list_secrets(session: Db, skip: int = 0, limit: int = 100) -> list[Secret]:
    return list(session.scalars(select(Secret).offset(skip).limit(limit)))


@app.get("/api/secrets/{number}", response_model=SecretResponse)
def get_secret(number: int, session: Db) -> Secret:
    return _find(session, number)


@app.get("/api/secrets/{number}/decrypt")
def decrypt_secret(number: int, session: Db) -> SecretWithValue:
    secret = _find(session, number)
    return SecretWithValue(
        **SecretResponse.model_validate(secret).model_dump(), value=decrypt(secret.encrypted_value)
    )


@app.get("/api/secrets/name/{name}", response_model=SecretResponse)
def get_secret_by_name(name: str, session: Db) -> Secret:
    secret = _find_by_name(session, name)
    if secret is None:
        raise HTTPException(404, "Secret not found")
    return secret


@app.put("/api/secrets/{number}", response_model=SecretResponse)
def update_secret(number: int, body: SecretUpdate, session: Db) -> Secret:
    secret = _find(session, number)
    if body.name is not None:
        secret.name = body.name
    if body.value is not None:
        secret.encrypted_value = encrypt(body.value)
    if body.description is not None:
        secret.description = body.description
    session.commit()
    session.refresh(secret)
    return secret


@app.delete("/api/secrets/{number}")
def delete_secret(number: int, session: Db) -> dict[str, str]:
    session.delete(_find(session, number))
    session.commit()
    return {"message": "Secret deleted successfully"}
