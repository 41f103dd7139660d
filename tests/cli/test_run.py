"""`rsvpd run`: unchanged programs reach the server with verification on; signals, exit codes, nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import certifi
import pytest

from support.running import PATIENCE_SECONDS, Running, clean_environ

pytestmark = pytest.mark.slow  # servers in processes of their own

URL = "https://graph.microsoft.com/v1.0/me"
GOOGLE = "https://www.googleapis.com/calendar/v3/users/me/calendarList"
RSVPD = (sys.executable, "-m", "rsvpd.cli.rsvpd")
SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1")
ENVIRON = {"RSVPD_HTTPS_STANDARD_PORT": "false"}
# Each prints the status of an answer by the token in $TOKEN, or fails.
URLLIB = """
import os, urllib.request as r
asked = r.Request(os.environ['URL'], headers={'Authorization': 'Bearer ' + os.environ['TOKEN']})
print(r.urlopen(asked).status)
"""
HTTP_CLIENT = """
import http.client, os, urllib.parse as p
url = p.urlsplit(os.environ['URL'])
c = http.client.HTTPSConnection(url.netloc)
c.request('GET', url.path, headers={'Authorization': 'Bearer ' + os.environ['TOKEN']})
print(c.getresponse().status)
"""
LIBRARY = """
import os, {name} as library
print(library.get(os.environ['URL'], headers={{'Authorization': 'Bearer ' + os.environ['TOKEN']}}).status_code)
"""
HTTPLIB2 = """
import os, httplib2
found, _ = httplib2.Http().request(os.environ['URL'], headers={'Authorization': 'Bearer ' + os.environ['TOKEN']})
print(found.status)
"""
STREAMS = """
import asyncio, os, ssl, urllib.parse as p
async def ask():
    url = p.urlsplit(os.environ['URL'])
    reader, writer = await asyncio.open_connection(url.netloc, 443, ssl=ssl.create_default_context())
    lines = [f'GET {url.path} HTTP/1.1', f'Host: {url.netloc}', 'Authorization: Bearer ' + os.environ['TOKEN'], '', '']
    writer.write('\\r\\n'.join(lines).encode())
    print((await reader.readline()).split()[1].decode())
    writer.transport.abort()
"""
BY_ASYNCIO = STREAMS + "asyncio.run(ask())"
BY_UVLOOP = "import uvloop" + STREAMS + "uvloop.run(ask())"
NODE_HTTPS = """
const asked = require('https').get(process.env.URL, {headers: {authorization: 'Bearer ' + process.env.TOKEN}},
  (answer) => { console.log(answer.statusCode); answer.resume(); });
asked.on('error', (wrong) => { console.error(wrong); process.exit(1); });
"""
NODE_FETCH = """
fetch(process.env.URL, {headers: {authorization: 'Bearer ' + process.env.TOKEN}})
  .then((answer) => console.log(answer.status), (wrong) => { console.error(wrong); process.exit(1); });
"""
NODE_TLS = """
const url = new URL(process.env.URL);
const secure = require('tls').connect(443, url.host, {servername: url.host}, () => secure.write(
  `GET ${url.pathname} HTTP/1.1\\r\\nHost: ${url.host}\\r\\nConnection: close\\r\\n` +
  `Authorization: Bearer ${process.env.TOKEN}\\r\\n\\r\\n`));
secure.once('data', (part) => { console.log(String(part).split(' ')[1]); secure.destroy(); });
"""
CURL = 'curl -sS -o /dev/null -w "%{http_code}" -H "Authorization: Bearer $TOKEN" "$URL"'
JAVA = """
import java.net.URI;
import java.net.http.*;

public class Ask {
    public static void main(String[] unused) throws Exception {
        var asked = HttpRequest.newBuilder(URI.create(System.getenv("URL")))
            .header("Authorization", "Bearer " + System.getenv("TOKEN")).build();
        var client = HttpClient.newBuilder().proxy(java.net.ProxySelector.getDefault()).build();
        System.out.println(client.send(asked, HttpResponse.BodyHandlers.ofString()).statusCode());
    }
}
"""


def python(text: str) -> list[str]:
    """Return a command."""
    return [sys.executable, "-c", text]


def needs(name: str):
    """Return the mark of a case whose command may not be there."""
    return pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed")


PROGRAMS = [
    pytest.param(python(URLLIB), id="urllib"),
    pytest.param(python(HTTP_CLIENT), id="http.client"),
    pytest.param(python(LIBRARY.format(name="requests")), id="requests"),
    pytest.param(python(LIBRARY.format(name="httpx")), id="httpx"),
    pytest.param(python(HTTPLIB2), id="httplib2"),
    pytest.param(python(BY_ASYNCIO), id="asyncio"),
    pytest.param(python(BY_UVLOOP), id="uvloop"),
    pytest.param(["node", "-e", NODE_HTTPS], id="node https", marks=needs("node")),
    pytest.param(["node", "-e", NODE_FETCH], id="node fetch", marks=needs("node")),
    pytest.param(["node", "-e", NODE_TLS], id="node tls", marks=needs("node")),
    pytest.param(["sh", "-c", CURL], id="curl", marks=needs("curl")),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attached")
    running = Running(folder, "--https", "--https-port", "0", "--proxy-port", "0", environ=ENVIRON)
    yield running
    running.kill()


def attached(server: Running, command: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the server that runs."""
    given = clean_environ() | {"TOKEN": server.token("bob"), "URL": URL} | environ
    return subprocess.run(
        [*RSVPD, "run", "--attach", "--data", str(server.data), "--", *command],
        capture_output=True, text=True, env=given, timeout=PATIENCE_SECONDS, check=False,
    )


def ran(*words: str, environ: dict[str, str] | None = None, flags: tuple[str, ...] = ()):
    """Run a command with a server of its own."""
    return subprocess.run(
        [*RSVPD, "run", *flags, "--", *words], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
        env=clean_environ() | (environ or {}),
    )


def set_by(server: Running, **environ: str) -> dict[str, str]:
    """Return the environment of a command."""
    done = attached(server, python("import json, os; print(json.dumps(dict(os.environ)))"), **environ)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("command", PROGRAMS)
def test_an_unchanged_program_is_answered(server, command):
    done = attached(server, command)
    assert done.stdout.strip() == "200", done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("command", [one for one in PROGRAMS if one.id in ("urllib", "node https", "curl")])
def test_so_it_is_by_google(server, command):
    assert attached(server, command, URL=GOOGLE).stdout.strip() == "200"


@pytest.mark.parametrize("command", PROGRAMS)
def test_verification_is_on(server, command, tmp_path):
    """The same program, led here in the same way, with lists of authorities that ours is not on, is refused."""
    given = set_by(server)
    names = [name for name, value in given.items() if value.endswith(".pem") and value.startswith(given_folder(given))]
    assert names
    kept = [f"{name}={tmp_path / 'none.pem'}" for name in names]
    (tmp_path / "none.pem").write_bytes(Path(certifi.where()).read_bytes())
    done = attached(server, ["env", *kept, *command])
    assert done.stdout.strip() != "200"
    assert "certificate" in done.stderr.lower() or "self" in done.stderr.lower(), done.stderr


def given_folder(given: dict[str, str]) -> str:
    """Return the folder of the files of a run."""
    return str(Path(given["NODE_EXTRA_CA_CERTS"]).parent)


@needs("java")
def test_java_is_answered(server, tmp_path):
    (tmp_path / "Ask.java").write_text(JAVA)
    done = attached(server, ["java", str(tmp_path / "Ask.java")])
    assert done.stdout.strip() == "200", done.stderr


def test_a_run_has_a_server_of_its_own():
    done = ran(*RSVPD, "token", "bob")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(".") == 2
    assert done.stderr == ""


def test_the_ready_file_is_there_for_the_command():
    text = "import json, os; print(json.load(open(os.environ['RSVPD_READY_FILE']))['url'], os.environ['RSVPD_URL'])"
    first, second = ran(*python(text)).stdout.split()
    assert first == second


def test_the_request_log_is_printed_on_demand():
    token = f"subprocess.check_output({[*RSVPD, 'token', 'bob']}, text=True).strip()"
    text = f"import os, subprocess; os.environ['TOKEN'] = {token}\n{URLLIB}"
    assert "GET /v1.0/me 200" not in ran(*python(text), environ={"URL": URL}).stderr
    assert "GET /v1.0/me 200" in ran(*python(text), environ={"URL": URL}, flags=("--log",)).stderr


def test_a_command_of_a_data_file_that_is_kept(tmp_path):
    data = tmp_path / "kept.db"
    first = ran(*RSVPD, "user", "add", "erin@example.com", flags=("--data", str(data)))
    assert first.returncode == 0, first.stderr
    assert "erin@example.com" in ran(*RSVPD, "user", "list", flags=("--data", str(data))).stdout


def test_nothing_outside_the_command_changes(tmp_path):
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    for folder in (home, temporary):
        folder.mkdir()
    environ = {"HOME": str(home), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    before = dict(os.environ)
    done = ran("sh", "-c", 'test -n "$HTTPS_PROXY" && ls "$(dirname "$RSVPD_READY_FILE")"', environ=environ)
    assert "rsvpd.db" in done.stdout
    assert list(home.rglob("*")) == []
    assert list(temporary.rglob("*")) == []
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (["sh", "-c", "exit 0"], 0, ""),
        (["sh", "-c", "exit 7"], 7, ""),
        (["sh", "-c", "kill -9 $$"], 137, ""),
        (["sh", "-c", "kill -TERM $$"], 143, ""),
        (["there-is-no-such-command"], 127, "rsvpd: there is no command 'there-is-no-such-command'\n"),
        (["/"], 126, "rsvpd: '/' cannot be run: Permission denied\n"),
    ],
)
def test_the_exit_code_is_the_commands(server, command, code, told):
    done = attached(server, command)
    assert (done.returncode, done.stderr) == (code, told)


def test_words_behind_the_command_are_its_own(server):
    done = attached(server, ["echo", "--log", "--", "-x"])
    assert done.stdout == "--log -- -x\n"


def test_a_command_is_needed():
    done = subprocess.run([*RSVPD, "run"], capture_output=True, text=True, env=clean_environ(), check=False)
    assert (done.returncode, "A command to run is needed" in done.stderr) == (2, True)


def test_attaching_needs_a_server_with_https(start_server):
    plain = start_server()
    done = attached(plain, ["true"])
    assert (done.returncode, "speaks no HTTPS" in done.stderr) == (1, True)
    plain.stop()
    assert "no server has" in attached(plain, ["true"]).stderr


TRAP = """
import signal, sys, time
def told(number, frame):
    print(signal.Signals(number).name, flush=True)
    sys.exit(3)
for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
    signal.signal(one, told)
print("up", flush=True)
time.sleep(60)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def heed_signals() -> None:
    """Take up again what whoever runs the tests in the background has the system ignore, as nohup and `&` do."""
    for name in SIGNALS:
        signal.signal(signal.Signals[name], signal.SIG_DFL)


def begun(text: str, *flags: str, server: Running) -> subprocess.Popen[str]:
    """Return a run whose command says that it is up."""
    process = subprocess.Popen(
        [*RSVPD, "run", "--attach", "--data", str(server.data), *flags, "--", *python(text)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environ(), start_new_session=True,
        preexec_fn=heed_signals,
    )
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    return process


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_is_passed_on(server, name):
    process = begun(TRAP, server=server)
    process.send_signal(signal.Signals[name])
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (out, err, process.returncode) == (f"{name}\n", "", 3)


def test_a_command_that_does_not_end_is_killed(server):
    process = begun(DEAF, "--grace", "1", server=server)
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 137


def test_a_server_does_not_outlive_a_run_that_is_killed(tmp_path):
    text = "import os, time; print(os.environ['RSVPD_URL'], flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [*RSVPD, "run", "--", *python(text)], stdout=subprocess.PIPE, text=True,
        env=clean_environ() | {"TMPDIR": str(tmp_path)}, start_new_session=True,
    )
    assert process.stdout
    port = int(process.stdout.readline().rpartition(":")[2])
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    until = time.monotonic() + PATIENCE_SECONDS
    while is_listening(port):
        assert time.monotonic() < until
        time.sleep(0.05)


def is_listening(port: int) -> bool:
    """Return whether a server is there."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_that_does_not_start_is_told(tmp_path):
    done = ran("true", flags=("--data", str(tmp_path)))
    assert done.returncode == 1
    assert done.stderr.startswith("rsvpd: the server did not start: ")
    assert "Traceback" not in done.stderr


# What stands there already


def test_a_preload_of_ones_own_runs_too(server, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import builtins; builtins.mine = 'ran'")
    (tmp_path / "mine.cjs").write_text("globalThis.mine = 'ran'")
    node = f"--require {tmp_path / 'mine.cjs'}"
    environ = {"PYTHONPATH": str(tmp_path), "NODE_OPTIONS": node}
    done = attached(server, python("print(mine)" + URLLIB), **environ)
    assert done.stdout.split() == ["ran", "200"], done.stderr
    if shutil.which("node"):
        done = attached(server, ["node", "-e", "console.log(mine);" + NODE_HTTPS], **environ)
        assert done.stdout.split() == ["ran", "200"], done.stderr


AIODNS = """
class DNSResolver:
    def getaddrinfo(self, host, family=0, port=None, proto=0, type=0, flags=0):
        return host, port, type
"""
RESOLVED = """
import aiodns
for host in ("graph.microsoft.com", "example.com"):
    print(*aiodns.DNSResolver().getaddrinfo(host, port=443, type=1))
"""


def test_a_resolver_past_the_standard_library_is_led_too(server, tmp_path):
    (tmp_path / "aiodns.py").write_text(AIODNS)
    port = json.loads(server.ready_file.read_bytes())["https_url"].rpartition(":")[2]
    done = attached(server, python(RESOLVED), PYTHONPATH=str(tmp_path))
    assert done.stdout.splitlines() == [f"127.0.0.1 {port} 1", "example.com 443 1"], done.stderr


def test_lists_of_authorities_of_ones_own_are_added_to(server, tmp_path):
    mine = Path(server.folder / "t.db.tls" / "authority.pem").read_text()
    other = tmp_path / "other.pem"
    other.write_text(mine.replace("MII", "MIJ", 1))
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "HTTPLIB2_CA_CERTS", "NODE_EXTRA_CA_CERTS")
    text = f"import os\nfor name in {names}: print(open(os.environ[name]).read().count('BEGIN CERTIFICATE'))"
    assert attached(server, python(text), **dict.fromkeys(names, str(other))).stdout.split() == ["2"] * 5
    without = attached(server, python(text), **dict.fromkeys(names, ""))
    assert all(int(count) > 20 for count in without.stdout.split()[:4])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", "localhost,127.0.0.1,::1"),
        ("corp.example, 10.0.0.1", "corp.example,10.0.0.1,localhost,127.0.0.1,::1"),
        ("*", "localhost,127.0.0.1,::1"),
        (".microsoft.com,googleapis.com,accounts.google.com,corp.example", "corp.example,localhost,127.0.0.1,::1"),
    ],
)
def test_what_is_reached_directly_stays_so(server, given, kept):
    found = set_by(server, NO_PROXY=given, no_proxy="")
    assert found["NO_PROXY"] == found["no_proxy"] == kept


def test_options_of_java_are_added_to(server):
    found = set_by(server, JAVA_TOOL_OPTIONS="-Dmine=1")["JAVA_TOOL_OPTIONS"]
    assert found.startswith("-Dmine=1 -Djavax.net.ssl.trustStore=")


def test_a_program_that_signs_in_finds_the_well_known_client(server):
    found = set_by(server)
    assert found["AZURE_TENANT_ID"] == "72737670-6400-4000-8000-000000000000"
    assert found["AZURE_CLIENT_ID"] == "72737670-6400-4000-8000-000000000001"
    assert found["AZURE_CLIENT_SECRET"] == "rsvpd-local-secret"


SERVICE_ACCOUNT = """
import os
from google.oauth2 import service_account
from googleapiclient.discovery import build
credentials = service_account.Credentials.from_service_account_file(
    os.environ["GOOGLE_APPLICATION_CREDENTIALS"], scopes=["https://www.googleapis.com/auth/calendar"],
    subject="bob@example.com")
print(build("calendar", "v3", credentials=credentials).events().list(calendarId="primary").execute()["summary"])
"""
DAEMON = """
import os, msal
application = msal.ConfidentialClientApplication(
    os.environ["AZURE_CLIENT_ID"], client_credential=os.environ["AZURE_CLIENT_SECRET"],
    authority="https://login.microsoftonline.com/" + os.environ["AZURE_TENANT_ID"])
print(application.acquire_token_for_client(["https://graph.microsoft.com/.default"])["token_type"])
"""


@pytest.mark.parametrize(
    ("text", "said"), [(SERVICE_ACCOUNT, "bob@example.com"), (DAEMON, "Bearer")], ids=["google-auth", "msal"]
)
def test_a_library_signs_in_as_it_always_does(server, text, said):
    done = attached(server, python(text))
    assert done.stdout.strip() == said, done.stderr


def test_a_command_that_leaves_a_program_behind_is_not_waited_for(server):
    began = time.monotonic()
    done = attached(server, ["sh", "-c", "sleep 50 >/dev/null 2>&1 & echo $!; exit 3"])
    os.kill(int(done.stdout), signal.SIGKILL)
    assert done.returncode == 3
    assert time.monotonic() - began < 40


# rsvpd env, rsvpd trust


def administrator(server: Running, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run another command over the data file."""
    return subprocess.run(
        [*RSVPD, *words, "--data", str(server.data)], capture_output=True, text=True, check=False,
        env=clean_environ() | environ, timeout=PATIENCE_SECONDS,
    )


@needs("curl")
def test_the_variables_are_printed_for_a_shell(server):
    script = administrator(server, "env").stdout
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{CURL}"], capture_output=True, text=True, check=False,
        env=clean_environ() | {"TOKEN": server.token("bob"), "URL": URL},
    )
    assert done.stdout == "200", done.stderr


def test_a_quote_in_what_one_has_already(server):
    odd = "it's \\ \"odd\""
    done = subprocess.run(
        ["bash", "-c", administrator(server, "env", JAVA_TOOL_OPTIONS=odd).stdout + '\nprintf %s "$JAVA_TOOL_OPTIONS"'],
        capture_output=True, text=True, check=False,
    )
    assert done.stdout.startswith(f"{odd} -D")
    assert "set -gx JAVA_TOOL_OPTIONS 'it\\'s \\\\ \"odd\"" in administrator(
        server, "env", "--shell", "fish", JAVA_TOOL_OPTIONS=odd).stdout
    assert "$env:JAVA_TOOL_OPTIONS = 'it''s \\ \"odd\"" in administrator(
        server, "env", "--shell", "powershell", JAVA_TOOL_OPTIONS=odd).stdout


def test_the_variables_twice_are_the_same(server):
    first = set_by(server)
    again = {name: first[name] for name in ("NODE_OPTIONS", "PYTHONPATH", "NO_PROXY")}
    second = set_by(server, **again)
    assert {name: second[name] for name in again} == again


def test_what_to_trust_is_printed_and_written(server, tmp_path):
    plain = administrator(server, "trust").stdout
    assert "authority.pem" in plain
    assert "rsvpd trust --write" in plain
    written = administrator(server, "trust", "--write", str(tmp_path / "made")).stdout
    assert {one.name for one in (tmp_path / "made").iterdir()} == {"authority.pem", "bundle.pem", "truststore.p12"}
    assert str(tmp_path / "made" / "truststore.p12") in written
    assert b"PRIVATE" not in b"".join(one.read_bytes() for one in (tmp_path / "made").iterdir())


def test_an_authority_can_be_made_before_the_server(tmp_path):
    given = [*RSVPD, "trust", "--data", str(tmp_path / "new.db")]
    environ = clean_environ()
    first = subprocess.run(given, capture_output=True, text=True, env=environ, check=False)
    assert (first.returncode, "--write" in first.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []
    subprocess.run([*given, "--write", str(tmp_path / "out")], env=environ, check=True, stdout=subprocess.DEVNULL)
    kept = (tmp_path / "new.db.tls" / "authority.pem").read_bytes()
    assert (tmp_path / "out" / "authority.pem").read_bytes() == kept
