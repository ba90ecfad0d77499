"""The TLS certificate of the server on this machine."""

from __future__ import annotations

import ipaddress
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 365
RENEWAL_DAYS = 30  # before it expires
NAME = "Markbook on this machine"


def ensure_certificate(
    folder: Path, *, now: datetime, renew: bool = False
) -> tuple[Path, Path]:
    """The paths of the certificate and its key, made anew if missing or expired.

    The key stays on this machine, readable by its owner alone.

    Args:
        folder: The folder of both files.
        now: The moment.
        renew: Whether to renew a certificate `RENEWAL_DAYS` before it expires; each
            new one has to be trusted.
    """
    path, key_path = folder / "certificate.pem", folder / "certificate-key.pem"
    if path.exists() and key_path.exists():
        left = _end(path) - now
        if left > timedelta(days=RENEWAL_DAYS if renew else 0):
            return path, key_path
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    hosts = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(hosts, critical=False)
        # Trust in it covers this one server, and nothing that it might sign.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    key_text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key_path.unlink(missing_ok=True)
    with os.fdopen(
        os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
    ) as file:
        file.write(key_text)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path, key_path


def renewal_notice(path: Path, *, now: datetime) -> str:
    """What the user has to know of a certificate that ends soon; empty: nothing.

    Args:
        path: The certificate.
        now: The moment.
    """
    end = _end(path)
    if end - now > timedelta(days=RENEWAL_DAYS):
        return ""
    return (
        f"Excel trusts this page until {end.day} {end:%B %Y}. "
        "To renew that, run: markbook addin install"
    )


def _end(path: Path) -> datetime:
    """The moment at which a certificate expires."""
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.not_valid_after_utc.replace(tzinfo=None)


def trust_command(path: Path, system: str = sys.platform) -> tuple[str, ...]:
    """The command that makes this user's machine trust a certificate.

    Empty where there is none: browsers on other systems have authorities of their own.
    """
    if system == "win32":
        return ("certutil", "-user", "-addstore", "Root", str(path))
    if system == "darwin":
        keychain = Path.home() / "Library/Keychains/login.keychain-db"
        return ("security", "add-trusted-cert", "-k", str(keychain), str(path))
    return ()
