"""What `rsvp --help` and the help of its commands say, in lines that fit a terminal of 80 columns."""

from __future__ import annotations

ABOUT = """\
See which meeting invitations wait for you, and answer them.

  rsvp invites                         what waits, numbered
  rsvp accept 2                        answer number 2 of that list
  rsvp maybe 1 -m 'Train may be late'  with a comment to the organizer
  rsvp decline --no-send               the only one that waits, telling nobody
"""
MORE = """\
A server started with `rsvpd up` (or `make up`) is found by itself: everybody
there is an account. For Microsoft 365, Outlook REST and Google sign in first:
rsvp login --help

Every command also takes --json. Exit codes:
  0 done   1 the service refused   2 wrong usage
  3 not signed in   4 the service cannot be reached
"""
INVITES = """\
List the invitations that wait for an answer, numbered for `rsvp accept`,
`maybe` and `decline`.

  rsvp invites                               of every account
  rsvp invites --account bob                 of one
  rsvp invites --all                         also what is answered already
  rsvp invites --time-zone America/New_York  times there, not here

A series is one invitation, shown at its next date. The numbers keep their
meaning for an hour.
"""
ANSWER = """\
{does} {effect}

  rsvp {word}                  the only one that waits; are there more, a list
  rsvp {word} 2                number 2 of the list `rsvp invites` last showed
  rsvp {word} 2 -m 'See you'   with a comment to the organizer
  rsvp {word} 2 --no-send      in your own calendar only; on Google the
                               organizer sees it all the same
  rsvp {word} AAMkAGI1...      an id, as `rsvp invites --json` shows it; this
                               also changes an earlier answer

A series is answered as a whole.
"""
LOGIN = """\
Sign in to a service whose invitations you want to answer.

  rsvp login graph --client-id 11111111-2222-3333-4444-555555555555
  rsvp login outlook --base https://outlook.example.com/api/v2.0 --token -
  rsvp login google --client-secrets authorized_user.json
  rsvp login rsvpd --as bob --through outlook-v1

The local server needs no sign-in, unless you want another of its interfaces
than Graph.
"""
GRAPH = """\
Sign in to Microsoft 365 through Microsoft Graph.

  rsvp login graph --client-id 11111111-2222-3333-4444-555555555555
  rsvp login graph --client-id 11111111-2222-3333-4444-555555555555 \\
    --tenant contoso.example
  rsvp login graph --token -  a token fetched elsewhere; it is not renewed

You need an app registration of your own (Microsoft Entra admin center, "App
registrations"): a public client, "Allow public client flows" on, with the
delegated permissions Calendars.ReadWrite and User.Read. rsvp then shows a code
to type in at a Microsoft page. The sign-in is kept and renewed; rsvp logout
forgets it.
"""
OUTLOOK = """\
Sign in to an Outlook REST v1.0 or v2.0 service with a bearer token.

  rsvp login outlook --base https://outlook.example.com/api/v2.0 --token -
  rsvp login outlook --base https://mail.example.com/rest --version v1 --token -

`--token -` reads the token from standard input, where no list of processes
shows it. It cannot be renewed: when it has run out, sign in again.
"""
GOOGLE = """\
Sign in to Google Calendar.

  rsvp login google --client-secrets authorized_user.json
  rsvp login google --token -  a token fetched elsewhere; it is not renewed

--client-secrets takes an authorized-user file (JSON with client_id,
client_secret and refresh_token), or the client-secrets file of a desktop
application of yours where google-auth-oauthlib is installed: the browser then
asks for your consent. The permission needed is
https://www.googleapis.com/auth/calendar.events
"""
RSVPD = """\
Sign in as somebody of an rsvpd server.

  rsvp login rsvpd --as bob                   on this machine, through Graph
  rsvp login rsvpd --as bob --through google  through Google's interface
  rsvp login rsvpd --url https://rsvpd.example.net --token -
                                              elsewhere; `rsvpd token bob` there
                                              prints a token
"""
ACCOUNTS = """\
List the accounts that can be used: those you signed in with, and the people of
a server on this machine.

Commands without --account are for all you signed in with; where there is none,
for everybody of the local server but its rooms. `--account` takes a name, an
address, or what stands before its @ where only one has that.
"""
LOGOUT = """\
Forget an account and its tokens on this machine. The service is not told.

  rsvp logout bob
"""
DECLINE_EFFECT = """\
The organizer is told. On the Microsoft services the
meeting leaves the calendar, and its answer cannot be changed any more; in
Google Calendar it stays."""
