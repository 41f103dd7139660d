"""`rsvpd backup`: a copy of the data file, also while a server has it open; and `rsvpd doctor`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from rsvpd.cli.progress import progress
from rsvpd.config import Config

ABOUT = """\
Copy the data file as it is now, also while a server runs. The copy is complete
when it is there, only you can read it, and `rsvpd up --data FILE` opens it. A
server writes it itself, so FILE is where that server can write.
"""


def add_flags(backup: argparse.ArgumentParser) -> None:
    """Give the command `backup` its flags."""
    backup.description = ABOUT
    backup.add_argument("file", metavar="FILE", help="the file to write")
    backup.add_argument("--force", action="store_true", help="write over a file that is there already")


def run_backup(args: argparse.Namespace, config: Config) -> None:
    """Make the copy and say how large it is."""
    from rsvpd.cli.reach import open_examiner
    from rsvpd.control.backup import BackupRequest

    wanted = BackupRequest(path=os.path.abspath(os.path.expanduser(args.file)), overwrite=args.force)
    with progress(f"Copying {config.data}"), open_examiner(config) as admin:
        made = admin.backup(wanted)
    print(f"{made.path}  {made.bytes} bytes")


RESTORE = """\
Put a copy that `rsvpd backup` made in the place of the data file, or into the
database. Nothing may be there yet, and no server may have it open. The copy
stays as it is.
"""


def add_restore_flags(restore: argparse.ArgumentParser) -> None:
    """Give the command `restore` its flags."""
    restore.description = RESTORE
    restore.add_argument("file", metavar="FILE", help="a copy, made with `rsvpd backup`")


def run_restore(args: argparse.Namespace, config: Config) -> None:
    """Restore, and say where it is now."""
    from rsvpd.cli.move import open_store
    from rsvpd.control import sidecar
    from rsvpd.control.backup import restore
    from rsvpd.control.datafile import is_new
    from rsvpd.control.move import move
    from rsvpd.store.engine import DataFileError

    copy = Path(os.path.abspath(os.path.expanduser(args.file)))
    if config.database:
        with progress(f"Restoring {copy}") as say, TemporaryDirectory(prefix="rsvpd-") as folder:
            fresh = Path(folder, "copy.db")
            restore(copy, fresh)  # which may have to be brought up to date
            with (
                open_store(str(fresh), must_exist=True) as source,
                open_store(config.database, must_exist=False) as target,
            ):
                move(source.run, target, say)
        print("Restored into the database.")
        return
    with sidecar.hold(config.data):
        if not is_new(config.data):
            raise DataFileError(f"{config.data} is there already; move it away first.")
        size = restore(copy, config.data)
    print(f"{config.data}  {size} bytes")


def run_doctor(args: argparse.Namespace, config: Config) -> None:
    """Print what is emulated, and how the data file is, which is not written to for it, or what logs say."""
    from rsvpd.cli.legacy import print_uses, uses_of
    from rsvpd.cli.logs import lines_of
    from rsvpd.cli.reach import open_examiner
    from rsvpd.cli.report import print_report
    from rsvpd.control import doctor
    from rsvpd.control.datafile import is_new

    if args.legacy:
        print_uses(uses_of(lines_of(args.legacy)))
        return
    if not config.database and is_new(config.data):
        found = doctor.report(None)
    else:
        with progress(f"Reading {config.data}"), open_examiner(config) as admin:
            found = admin.report(is_deep=args.deep)
    print_report(found)
