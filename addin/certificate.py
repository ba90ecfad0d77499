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


def ensure_certificate(folder: Path, *, now: datetime) -> tuple[Path, Path]:
    """The paths of the certificate and its key, renewed if missing or about to expire.

    The key stays on this machine, readable by its owner alone.

    Args:
        folder: The folder of both files.
        now: The moment.
    """
    path, key_path = folder / "certificate.pem", folder / "certificate-key.pem"
    if path.exists() and key_path.exists():
        current = x509.load_pem_x509_certificate(path.read_bytes())
        ends = current.not_valid_after_utc.replace(tzinfo=None)
        if ends - now > timedelta(days=RENEWAL_DAYS):
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


def trust_command(path: Path, system: str = sys.platform) -> str:
    """The command that makes this machine trust a certificate."""
    if system == "win32":
        return f'certutil -user -addstore Root "{path}"'
    if system == "darwin":
        chain = "~/Library/Keychains/login.keychain-db"
        return f'security add-trusted-cert -k {chain} "{path}"'
    return f"import {path} into the browser's own authorities"
