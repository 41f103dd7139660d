"""`python -m rsvpd` is the command `rsvpd`."""

import sys

from rsvpd.cli.rsvpd import main

sys.exit(main())
