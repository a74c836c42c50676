"""A small Debian that boots: systemd as its first process, in namespaces of its own, with a network of its own."""
import base64, ctypes, hashlib, hmac, http.client, http.server, json, os, pathlib, subprocess, threading, time

HERE = pathlib.Path(__file__).parent
PATIENCE = 120  # seconds
CLONE_NEWNET = 0x40000000
PORT = 8470


class Said(subprocess.CalledProcessError):
    def __str__(self):
        return f"{' '.join(map(str, self.cmd))}: exit {self.returncode}\n{self.output}"


class Machine:
    """Made from `tests/tools/debian_root`; boots and goes down as often as asked."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        subprocess.run([HERE / "debian_root", self.root], check=True)
        self.console = self.root.with_suffix(".console")
        self.nspawn = self.leader = None

    def boot(self):
        """Until systemd says that everything is started; gives the seconds that took."""
        began = time.monotonic()
        command = ["systemd-nspawn", f"--directory={self.root}", "--boot", "--private-network", "--console=read-only"]
        if not os.path.isdir("/run/systemd/system"):
            command += ["--register=no", "--keep-unit"]
        with open(self.console, "w") as console:
            self.nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        self.leader = until(self.first_process, "its first process")
        until(self.is_up, "end of its start")
        return time.monotonic() - began

    def is_up(self):
        # Before systemd answers this says that it does not.
        state = self.said("systemctl", "is-system-running", check=False)
        if state == "degraded":
            raise SystemExit("units failed while it booted:\n" + self.said("systemctl", "--failed", "--no-pager"))
        return state == "running"

    def first_process(self):
        if self.nspawn.poll() is not None:
            raise SystemExit(f"systemd-nspawn cannot boot here:\n{self.console.read_text()[-2000:]}")
        children = pathlib.Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text().split()
        named = [pid for pid in children if pathlib.Path(f"/proc/{pid}/comm").read_text() == "systemd\n"]
        return int(named[0]) if named else None

    def down(self):
        if self.nspawn and self.nspawn.poll() is None:
            self.said("systemctl", "poweroff", check=False)
            try:
                self.nspawn.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.nspawn.kill()
                self.nspawn.wait()

    def said(self, *command, check=True, stdin=None):
        """What a command inside says; with `check`, one that fails is an error."""
        command = ["nsenter", f"--target={self.leader}", "--all", "--", "env", "DEBIAN_FRONTEND=noninteractive", *command]
        ran = subprocess.run(command, input=stdin, stdin=None if stdin else subprocess.DEVNULL, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and ran.returncode != 0:
            raise Said(ran.returncode, command[3:], ran.stdout)
        return ran.stdout.strip()

    def unit(self, name, unit="meridian.service"):
        """A property of a unit."""
        return self.said("systemctl", "show", "--value", f"--property={name}", unit)

    def put(self, path, text):
        path = self.root / path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def edit(self, path, old, new):
        path = self.root / path.lstrip("/")
        text = path.read_text()
        assert old in text, f"{path} does not say {old!r}"
        # At once, as a careful editor does.
        beside = path.with_name(path.name + ".new")
        beside.write_text(text.replace(old, new))
        beside.rename(path)

    def token(self):
        return (self.root / "var/lib/private/meridian/admin-token").read_text().strip()

    def enter_network(self):
        """Takes the calling thread, and nothing else of this process, into the machine's network."""
        with open(f"/proc/{self.leader}/ns/net") as network:
            if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def asks(self, method, path, body=None):
        """One request from inside the machine's network: status and answer."""
        answer = []

        def ask():
            self.enter_network()
            answer.append(Caller(self.token()).ask(method, path, body))

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        return answer[0]


class Caller:
    """A client that keeps its connection while it may."""

    def __init__(self, token, keeps=False):
        self.headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
        self.keeps = keeps
        self.connection = None

    def ask(self, method, path, body=None, key=None):
        headers = dict(self.headers, **({"Idempotency-Key": key} if key else {}))
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = self.connection.getresponse()
        text = response.read()
        if not self.keeps or response.will_close:
            self.connection.close()
            self.connection = None
        return response.status, json.loads(text) if text.startswith((b"{", b"[")) else text.decode()


class Load:
    """Callers that open tickets one after the other until they are stopped; half of them keep their connections.
    A request that fails in any way counts, and is not sent again."""

    def __init__(self, machine, name, callers=8):
        self.done = threading.Event()
        self.acknowledged, self.failed, self.slowest = [], [], 0.0
        self.lock = threading.Lock()
        token = machine.token()
        self.threads = [threading.Thread(target=self.call, args=(machine, f"{name}-{number}", token, number % 2 == 0))
                        for number in range(callers)]
        for thread in self.threads:
            thread.start()

    def call(self, machine, name, token, keeps):
        machine.enter_network()
        caller, count = Caller(token, keeps), 0
        while not self.done.is_set():
            title, began = f"{name}-{count}", time.monotonic()
            count += 1
            try:
                status, answer = caller.ask("POST", "/v1/tickets", {"title": title, "priority": "P4"}, title)
                failure = None if status == 201 else f"{status} {answer}"
            except Exception as error:
                caller.connection = None
                failure = repr(error)
            took = time.monotonic() - began
            with self.lock:
                self.slowest = max(self.slowest, took)
                if failure:
                    self.failed.append(f"{title} after {took:.2f} s: {failure}")
                else:
                    self.acknowledged.append(title)
            time.sleep(0.01)

    def stop(self):
        self.done.set()
        for thread in self.threads:
            thread.join()
        return self


class Receiver:
    """Takes webhooks inside the machine's network and keeps those whose signature is right."""

    def __init__(self, machine, port, secret):
        self.right, self.wrong = [], []
        key = base64.b64decode(secret.removeprefix("whsec_"))
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
                expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
                right = hmac.compare_digest(expected, self.headers.get("webhook-signature", ""))
                (receiver.right if right else receiver.wrong).append(json.loads(body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        def serve():
            machine.enter_network()
            with http.server.HTTPServer(("127.0.0.1", port), Handler) as server:
                self.server = server
                ready.set()
                server.serve_forever()

        ready = threading.Event()
        self.thread = threading.Thread(target=serve, daemon=True)
        self.thread.start()
        ready.wait(PATIENCE)

    def stop(self):
        self.server.shutdown()
        self.thread.join()


def until(true, what, patience=PATIENCE):
    """The first answer that is something, asked for again and again."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if answer := true():
            return answer
        time.sleep(0.1)
    raise SystemExit(f"no {what} within {patience} s")
