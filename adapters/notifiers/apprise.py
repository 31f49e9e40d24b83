"""Everything that Apprise speaks: mail, chat, push. It reaches the service in its own way.

The address comes from the operator and is not checked as that of a webhook is.
"""

import json
import logging
from datetime import datetime
from typing import Any

from domain.errors import StartRefused
from domain.ports.notifier import NotDelivered, Notifier
from domain.ports.notifier_options import NotifierOptions
from domain.webhooks.notice import Notice

_KINDS = {"critical": "failure", "warning": "warning"}


class AppriseNotifier(Notifier):
    """Sends a notice as a title and lines of text. Services know no id: it may come twice."""

    def __init__(self, url: str, options: NotifierOptions) -> None:
        """Take `apprise:` and the address that Apprise is given.

        Raises:
            StartRefused: Apprise is not installed, or does not know the address.
        """
        try:
            import apprise  # noqa: PLC0415  only for those who name it
        except ImportError as error:
            raise StartRefused("it needs the extra: pip install 'strongroom[apprise]'") from error
        # Its own lines may hold the address, and that holds a token.
        logging.getLogger("apprise").disabled = True
        asset = apprise.AppriseAsset(
            app_id="Strongroom", app_desc="Strongroom", app_url="", async_mode=False,
            storage_mode="memory",
        )  # fmt: skip
        self._apprise: Any = apprise.Apprise(asset=asset)
        self._seconds = options.seconds
        if not self._apprise.add(url.partition(":")[2]):
            raise StartRefused("apprise does not know what is behind 'apprise:'")

    def send(self, notice: Notice, *, now: datetime) -> None:
        """Hand a notice over.

        Raises:
            NotDelivered: the service is away, or did not take it; Apprise does not tell which.
        """
        del now
        data: dict[str, Any] = json.loads(notice.body)["data"]
        lines = [notice.summary, "", *(f"{name}: {value}" for name, value in data.items())]
        try:
            done = self._apprise.notify(
                title=f"Strongroom: {notice.type}",
                body="\n".join(lines),
                body_format="text",
                notify_type=_KINDS.get(str(data.get("severity")), "info"),
                timeout=self._seconds,
            )
        except Exception as error:
            raise NotDelivered(f"apprise failed ({type(error).__name__})") from error
        if not done:
            raise NotDelivered("the service did not take it")
