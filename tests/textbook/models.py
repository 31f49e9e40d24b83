from datetime import datetime

from pydantic import BaseModel, ConfigDict


class SecretCreate(BaseModel):
    name: str
    value: str
    description: str | None = None


class SecretUpdate(BaseModel):
    name: str | None = None
    value: str | None = None
    description: str | None = None


class SecretResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


class SecretWithValue(SecretResponse):
    value: str
