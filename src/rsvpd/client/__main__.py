"""`python -m rsvpd.client` is the command `rsvp`."""

import sys

from rsvpd.cli.rsvp import main

sys.exit(main())
