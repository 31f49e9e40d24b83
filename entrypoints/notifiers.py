"""Who is told what: the receivers of the settings, and the adapters that reach them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

from domain.access.pattern import NamePattern
from domain.errors import InvalidInput, StartRefused
from domain.ports.notifier import Notifier
from domain.ports.notifier_options import NotifierOptions
from domain.webhooks.delivery import Delivery
from domain.webhooks.notice import Topic
from domain.webhooks.receiver import Receiver
from entrypoints import plugins
from entrypoints.receiver_settings import ReceiverSettings
from entrypoints.settings import Settings

_log = structlog.get_logger("strongroom")


def build_receivers(settings: Settings) -> Sequence[Receiver]:
    """Return the receivers.

    Raises:
        StartRefused: two have one name, or a pattern is none.
    """
    names = [one.name for one in settings.receivers]
    if len(set(names)) < len(names):
        raise StartRefused("each of 'receivers' must have a name of its own")
    return [_receiver(one) for one in settings.receivers]


def build_notifiers(settings: Settings) -> Mapping[str, Notifier]:
    """Return who hands notices over, by the name of the receiver.

    Raises:
        StartRefused: no installed package offers it, or it does not take what the settings say.
    """
    return {one.name: _notifier(one, settings) for one in settings.receivers}


def tell_given_up(delivery: Delivery) -> None:
    """Say in the log that a receiver was not told of something, and will not be."""
    _log.error(
        "a notice was given up",
        receiver=delivery.receiver,
        notice=delivery.notice.id,
        type=delivery.notice.type,
        attempts=delivery.attempts,
        detail=delivery.error,
    )


def tell_many_given_up(receiver: str, count: int, why: str) -> None:
    """Say in the log how many notices a receiver was not told of, and will not be."""
    _log.error("notices were given up", receiver=receiver, count=count, detail=why)


def _receiver(one: ReceiverSettings) -> Receiver:
    """Return a receiver as the inside knows it."""
    try:
        patterns = tuple(NamePattern(text) for text in one.names)
    except InvalidInput as error:
        raise StartRefused(
            f"the receiver '{one.name}': 'names' has a pattern that {error.reason}"
        ) from None
    topics = frozenset(Topic(word) for word in one.sends)
    return Receiver(name=one.name, topics=topics, names=patterns)


def _notifier(one: ReceiverSettings, settings: Settings) -> Notifier:
    """Return what reaches a receiver."""
    options = NotifierOptions(
        secret=_secret(one),
        networks=settings.webhook_networks,
        ca=settings.webhook_ca,
        seconds=settings.webhook_timeout_seconds,
    )
    offer = plugins.named(plugins.NOTIFIERS, one.url.partition(":")[0])
    try:
        notifier: Notifier = plugins.make(offer, Notifier, one.url, options)
    except StartRefused as error:
        raise StartRefused(f"the receiver '{one.name}': {error}") from error
    return notifier


def _secret(one: ReceiverSettings) -> str:
    """Return the secret of a receiver."""
    if not one.secret_file:
        return one.secret
    if one.secret:
        raise StartRefused(f"the receiver '{one.name}' has both 'secret' and 'secret_file'")
    try:
        return Path(one.secret_file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = f"the 'secret_file' of the receiver '{one.name}' cannot be read"
        raise StartRefused(reason) from error
