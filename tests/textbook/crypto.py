from cryptography.fernet import Fernet

from tests.textbook.database import DATA_DIR

KEY_FILE = DATA_DIR / "secret.key"


def _load_key() -> bytes:
    if not KEY_FILE.exists():
        KEY_FILE.write_bytes(Fernet.generate_key())
    return KEY_FILE.read_bytes()


_fernet = Fernet(_load_key())


def encrypt(value: str) -> str:
    return _fernet.encrypt(value.encode()).decode()


def decrypt(token: str) -> str:
    return _fernet.decrypt(token.encode()).decode()
