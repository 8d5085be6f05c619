"""Where uploads go on a real site: a folder, or a bucket that speaks S3."""

from pathlib import Path
from typing import Any

from portal.settings.environment import Environment


def file_storage(env: Environment) -> dict[str, Any]:
    """Django's storage for uploads; with S3_BUCKET, a bucket that several machines share."""
    bucket = env.str("S3_BUCKET", default="")
    if not bucket:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    options: dict[str, Any] = {
        "bucket_name": bucket,
        "default_acl": None,
        "file_overwrite": False,
        "querystring_auth": True,  # Addresses are signed and end after an hour: a document may be private.
    }
    for name, option in (("S3_ENDPOINT_URL", "endpoint_url"), ("S3_REGION", "region_name")):
        if value := env.str(name, default=""):
            options[option] = value
    # Without keys, the machine's own role counts.
    if env.str("S3_ACCESS_KEY_ID", default=""):
        options["access_key"] = env.str("S3_ACCESS_KEY_ID")
        options["secret_key"] = env.str("S3_SECRET_ACCESS_KEY")
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def private_storage(env: Environment, folder: Path) -> dict[str, Any]:
    """Where files lie that only a view hands out: a folder beside the served one, or the same bucket."""
    shared = file_storage(env)
    if "OPTIONS" in shared:
        return {**shared, "OPTIONS": {**shared["OPTIONS"], "location": "private"}}
    return {**shared, "OPTIONS": {"location": str(folder)}}
