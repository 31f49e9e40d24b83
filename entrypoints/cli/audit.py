"""`strongroom audit`: reading and proving the log by way of a server, and verifying it anywhere."""

import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from domain.errors import StrongroomError
from entrypoints.cli import output
from entrypoints.cli.options import connect, opens_store, settings_of, talks
from entrypoints.cli.values import Number

if TYPE_CHECKING:
    from domain.audit.finding import Verification
    from entrypoints.container import Container

COLUMNS = ("number", "at", "principal", "address", "action", "outcome", "reference", "name")
MAX_SIZE = 2**63 - 1
ALIKE = 10
"""How many findings of the same text are printed for people."""


class Refused(StrongroomError):
    """What was asked for is not there, or does not verify."""


@click.group()
def audit() -> None:
    """Read the audit log, export it, prove what is in it, verify it."""


@audit.command("list")
@click.option("--limit", type=Number(1, 1000), default=100, show_default=True, help="How many.")
@click.option("--after", type=Number(0), help="Begin behind this number instead of at the end.")
@click.option("--secret", help="Only about the secret that had this name then.")
@click.option("--uid", help="Only about the secret with this permanent id.")
@click.option("--caller", help="Only of this principal.")
@click.option("--action", help="Only this action, such as secrets.reveal.")
@click.option("--outcome", help="Only this outcome: done, denied, refused or failed.")
@click.option("--from", "from_", help="Only at or after this time (RFC 3339).")
@click.option("--to", help="Only before this time.")
@talks
def list_(*, server: str, as_json: bool, from_: str | None, after: int | None, **rest: Any) -> None:
    """List entries: the newest that fit, in order."""
    filters = {**rest, "from": from_, "after": after, "newest": None if after else "true"}
    page = connect(server).entries({name: v for name, v in filters.items() if v is not None})
    entries = [json.loads(line) for line in page]
    if as_json:
        output.print_json(entries)
        return
    rows = ([entry.get(column, entry["tag"]) for column in COLUMNS] for entry in entries)
    output.print_table(COLUMNS, rows)


@audit.command()
@click.option(
    "--output",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new file for the entries; standard output otherwise.",
)
@click.option(
    "--checkpoints",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new file for all checkpoints; the entries then end with the newest.",
)
@click.option("--after", type=Number(0), default=0, help="Only entries behind this number.")
@talks
def export(
    *, server: str, as_json: bool, target: Path | None, checkpoints: Path | None, after: int
) -> None:
    """Write entries as lines of JSON, each exactly as it is hashed."""  # fmt: skip
    del as_json  # there is no other form
    os.umask(0o077)
    client = connect(server)
    last = MAX_SIZE
    if checkpoints is not None:
        signed = list(client.checkpoints())
        if not signed:
            raise Refused("there is no checkpoint yet; try again after the next one")
        last = signed[-1]["size"]
        with _new_file(checkpoints) as file:
            file.writelines(f"{item['note']}\n".encode() for item in signed)
        for verifier in dict.fromkeys(item["verifier"] for item in signed):
            click.echo(f"verifier key: {verifier}", err=True)
    with (
        contextlib.nullcontext(sys.stdout.buffer) if target is None else _new_file(target) as stream
    ):
        for number, line in enumerate(client.all_entries(after), after + 1):
            if number > last:
                break
            stream.write(line + b"\n")


@audit.command()
@click.option("--entry", type=Number(1), help="Prove that this entry is in the log …")
@click.option("--size", type=Number(1), help="… of this size.  [default: newest checkpoint's]")
@click.option("--first", type=Number(1), help="Prove that the log of this size is the beginning …")
@click.option("--second", type=Number(1), help="… of this one.  [default: newest checkpoint's]")
@talks
def prove(*, server: str, as_json: bool, **claim: int | None) -> None:
    """Have the server prove something, and check the proof."""
    # Loaded here, so that the other commands need not wait for them.
    from entrypoints.cli.proofs import check_consistency, check_inclusion  # noqa: PLC0415

    client = connect(server)
    given = {name: number for name, number in claim.items() if number is not None}
    if "entry" in given and not given.keys() & {"first", "second"}:
        proof = client.proof("inclusion", {"number": given.pop("entry"), **given})
        told = check_inclusion(proof)
    elif "first" in given and not given.keys() & {"entry", "size"}:
        proof = client.proof("consistency", given)
        told = check_consistency(proof)
    else:
        raise click.UsageError("give --entry and perhaps --size, or --first and perhaps --second")
    if as_json:
        output.print_json(proof)
        return
    click.echo(told)
    if proof["checkpoint"]:
        click.echo(output.escaped(proof["checkpoint"], keep="\n"), nl=False)


@audit.command()
@click.argument("lines", type=click.Path(path_type=Path, exists=True), required=False)
@click.option(
    "--checkpoints",
    type=click.Path(path_type=Path, exists=True),
    help="A file of checkpoints that were kept outside.",
)
@click.option("--key", "keys", multiple=True, help="A verifier key, for exported lines.")
@opens_store
def verify(
    *,
    lines: Path | None,
    checkpoints: Path | None,
    keys: tuple[str, ...],
    data_dir: str | None,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Verify exported LINES against checkpoints and a key, or without LINES the store itself.

    At the store every entry, hash and checkpoint is looked at, and every secret is compared with
    the last entry that wrote it. Nothing is changed. Ends with 1 when something was found.
    """  # fmt: skip
    from adapters.verifying import exported_log  # noqa: PLC0415  as above

    notes = "" if checkpoints is None else checkpoints.read_text("utf-8", errors="replace")
    outside = exported_log.split_notes(notes)
    if checkpoints is not None and not outside:
        raise Refused(f"{checkpoints} holds no checkpoint: it is empty, cut off, or another file")
    if not exported_log.is_whole(notes):
        told = "holds more than whole checkpoints, so it may be cut off"
        click.echo(f"warning: {checkpoints} {told}; checked are {len(outside)}", err=True)
    if lines is not None:
        if not keys or checkpoints is None:
            raise click.UsageError("exported lines need --checkpoints and --key")
        with lines.open(encoding="utf-8", errors="replace") as stream:
            try:
                size, signed = exported_log.verify(stream, notes, keys)
            except exported_log.Refuted as error:
                raise Refused(str(error)) from None
        _print_good(as_json=as_json, size=size, checkpoints=signed)
        return
    found = _verify_store(data_dir, database_url, outside)
    _print_found(found, outside=len(outside), as_json=as_json)


@audit.command()
@click.option("--size", type=Number(0), required=True, help="How many entries the log must have.")
@opens_store
def adopt(*, size: int, data_dir: str | None, database_url: str | None, as_json: bool) -> None:
    """Vouch for the end of the log although no server of this store wrote it.

    For when you know what was done to the database and have put it right: first see what
    strongroom audit verify finds. The log keeps an entry that says so.
    """  # fmt: skip
    from application.audit.adopt_tip import AdoptTip, size_of  # noqa: PLC0415  as above
    from entrypoints.preparation import STARTING  # noqa: PLC0415

    container = _opened(data_dir, database_url)
    try:
        # Asked before, because a refusal is an entry, and none can be written yet.
        found = container.storage().read(size_of).result()
        if found != size:
            raise Refused(f"the audit log has {found} entries, not {size}; nothing was changed")
        adopted = container.own_gate().run(STARTING, AdoptTip(size=size))
    finally:
        container.storage().close()
    if as_json:
        output.print_json({"size": adopted})
        return
    click.echo(f"the log is vouched for as it is, with {adopted} entries")


def _new_file(path: Path) -> BinaryIO:
    """Open a file that is not there yet.

    Raises:
        Refused: it is there, or cannot be made.
    """
    try:
        return path.open("xb")
    except FileExistsError:
        raise Refused(f"{path} cannot be made: it is there already; name a new file") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise Refused(f"{path} cannot be made: {reason}") from None


def _verify_store(
    data_dir: str | None, database_url: str | None, notes: "list[str] | Any"
) -> "Verification":
    """Verify the log of a store, with the keys of the store."""
    container = _opened(data_dir, database_url)
    try:
        verification: Verification = container.verify_log()(notes)
    finally:
        container.storage().close()
    return verification


def _opened(data_dir: str | None, database_url: str | None) -> "Container":
    """Open a store with its keys at hand, whatever its log looks like.

    Raises:
        StartRefused: there is none, or its tables are of an older form.
    """
    from entrypoints import hardening  # noqa: PLC0415  as above
    from entrypoints.container import Container  # noqa: PLC0415
    from entrypoints.standing import standing  # noqa: PLC0415

    hardening.harden()
    container = Container(settings=settings_of(data_dir, database_url))
    state = standing(container.store())
    container.key_ring().renew(state.root_key, state.keys)
    return container


def _print_found(found: "Verification", *, outside: int, as_json: bool) -> None:
    """Print what a verification of the store has found."""
    from application.audit.trusted_anew import (  # noqa: PLC0415  as above
        adopted_text,
        replaced_text,
    )

    told = [
        {"entry": item.entry, "secret": item.secret, "finding": item.text}
        for item in found.findings
    ]
    if as_json:
        output.print_json({
            "size": found.size, "root": found.root.hex(), "erased": found.erased,
            "checkpoints": found.checkpoints, "outside": outside, "secrets": found.secrets,
            "adopted": [*found.adopted], "replaced": [*found.replaced], "findings": told,
        })  # fmt: skip
    elif told:
        rows = ([item.entry, item.secret, item.text] for item in found.findings)
        output.print_table(("entry", "secret", "finding"), _summed_up(rows))
    else:
        counts = {"size": found.size, "checkpoints": found.checkpoints, "secrets": found.secrets}
        _print_good(as_json=False, **counts, **({"outside": outside} if outside else {}))
    if found.adopted and not as_json:
        click.echo(f"notice: {adopted_text(found.adopted)}", err=True)
    if found.replaced and not as_json:
        click.echo(f"notice: {replaced_text(found.replaced)}", err=True)
    if told:
        sys.exit(1)


def _summed_up(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """Yield the first findings of each text, and then how many more there are of it."""
    times = Counter[str]()
    for row in rows:
        times[row[-1]] += 1
        if times[row[-1]] <= ALIKE:
            yield row
    for text, count in times.items():
        if count > ALIKE:
            yield ["", "", f"and {count - ALIKE} more (all with --json): {text}"]


def _print_good(*, as_json: bool, **counts: int) -> None:
    """Say what was verified."""
    if as_json:
        output.print_json({**counts, "findings": []})
        return
    words = {"size": "entries", "outside": "checkpoints from outside"}
    named = {name: words.get(name, name) for name in counts}
    click.echo("verified: " + ", ".join(f"{counts[name]} {word}" for name, word in named.items()))
