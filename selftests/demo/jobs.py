# SPDX-License-Identifier: GPL-2.0
"""The programs that make the demo's traffic."""

import json
import re
import signal
import subprocess
import tempfile
import time

from procnet import again, open_in

OUTSIDE = "198.51.100.1"
PAGE_SIZE = 24000
_jobs = []


def printed(*argv):
    """What a program prints; one that fails ends the demo."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise SystemExit(f"demo: {' '.join(argv)}: "
                         f"{lines[-1] if lines else done.returncode}")
    return done.stdout


class Job:
    """A program that runs in a namespace; what it prints is kept."""

    def __init__(self, netns, *argv):
        # Appended to, as reading moves the position that both share.
        self._printed = tempfile.TemporaryFile("a+", encoding="utf-8")
        self.program = argv[0]
        if netns:
            argv = ("ip", "netns", "exec", netns, *argv)
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                        stdout=self._printed,
                                        stderr=subprocess.STDOUT)
        _jobs.append(self)

    def running(self):
        return self.process.poll() is None

    def printed(self):
        self._printed.seek(0)
        return self._printed.read()

    def stop(self, sig=signal.SIGTERM):
        """End the program if it has not ended; its exit status."""
        if self.running():
            self.process.send_signal(sig)
        return self.process.wait(timeout=60)


def stop_all():
    for job in reversed(_jobs):
        if job.running():
            job.process.kill()
            job.process.wait()


def wait_for(condition, what, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"demo: gave up waiting for {what}")
        time.sleep(0.1)


def _wait_for_servers(netns, ports):
    """Until something listens on each of the (protocol, port)s."""
    files = {protocol: open_in(netns, f"/proc/net/{protocol}")
             for protocol, _ in ports}
    for protocol, port in ports:
        wait_for(lambda: any(re.match(rf" *\d+: \w+:{port:04X} 0+:0000 0[7A]",
                                      line) for line in again(files[protocol])),
                 f"a server on {protocol} port {port}")


def serve(directory):
    """The servers outside: iperf3, HTTP on a port that the ruleset knows and
    on one that it does not, DNS."""
    with open(f"{directory}/page", "w", encoding="ascii") as page:
        page.write("pnicfw\n" * (PAGE_SIZE // 7))
    Job("outside", "iperf3", "-s", "-4", "-1")
    for port in (80, 8080):
        Job("outside", "busybox", "httpd", "-f", "-p", f"{OUTSIDE}:{port}",
            "-h", directory)
    Job("outside", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
        "--user=root", "--pid-file=", "--no-resolv", "--no-hosts",
        "--bind-interfaces", f"--listen-address={OUTSIDE}",
        f"--address=/demo.test/{OUTSIDE}")
    _wait_for_servers("outside", (("tcp", 5201), ("tcp", 80), ("tcp", 8080),
                                  ("udp", 53)))


class Monitor(Job):
    """Tells of all that happens to connections."""

    def __init__(self):
        super().__init__(None, "pnicfw", "-j", "monitor", "flow")
        wait_for(self._listens, "pnicfw monitor")

    def _listens(self):
        with open("/proc/net/netlink", encoding="ascii") as sockets:
            return any(line.split()[2] == str(self.process.pid)
                       for line in sockets)


class Iperf3(Job):
    """One long TCP connection from vm0; reports each second at once."""

    def __init__(self, seconds):
        super().__init__("vm0", "iperf3", "-c", OUTSIDE, "-t", str(seconds),
                         "-i", "1", "--forceflush")

    def first_second_over(self):
        return re.search(r"0\.00-\d+\.\d+ +sec", self.printed())

    def source_port(self):
        found = re.search(r"port (\d+) connected", self.printed())
        return found and found[1]

    def rate(self):
        found = re.search(r"(\S+ \S?bits/sec).*receiver", self.printed())
        return found and found[1]


class Entry(Job):
    """What conntrack has of the connection from a port."""

    def __init__(self, port):
        super().__init__(None, "conntrack", "-L", "-p", "tcp",
                         "--orig-port-src", port)

    def line(self):
        for line in self.printed().splitlines():
            if "src=" in line:
                return line
        return "nothing"


class Pages(Job):
    """Many short connections: curl, a new one for each page."""

    def __init__(self):
        super().__init__("vm1", "curl", "-s", "-o", "/dev/null",
                         "-H", "Connection: close", "--rate", "600/m",
                         "-w", "%{stderr}%{http_code} %{size_download}\n",
                         f"http://{OUTSIDE}/page?[1-10000]")

    def got(self):
        return self.printed().splitlines().count(f"200 {PAGE_SIZE // 7 * 7}")


class Names(Job):
    """DNS queries by dig, all from one port, as a resolver's may be."""

    def __init__(self, directory):
        with open(f"{directory}/names", "w", encoding="ascii") as names:
            names.write("".join(f"host{i}.demo.test\n" for i in range(10)))
        # The trap lets the last dig end before the loop does.
        super().__init__("vm1", "sh", "-c",
                         f"trap exit TERM; while dig @{OUTSIDE} -b 10.0.0.3#5300 +short "
                         f"+tries=2 +time=2 -f {directory}/names; "
                         "do sleep 0.5; done")

    def got(self):
        return self.printed().splitlines().count(OUTSIDE)


class Ping(Job):
    def __init__(self):
        super().__init__("vm1", "ping", "-q", "-i", "0.2", OUTSIDE)

    def stop(self, sig=signal.SIGINT):
        return super().stop(sig)

    def got(self):
        found = re.search(r"(\d+) received", self.printed())
        return int(found[1]) if found else 0


class Forbidden(Job):
    """A connection to a server that is there, and that the ruleset denies."""

    def __init__(self, netns):
        super().__init__(netns, "curl", "-s", "-o", "/dev/null",
                         "--connect-timeout", "3", "--max-time", "5",
                         f"http://{OUTSIDE}:8080/page")


def dropped():
    """Packets that the ruleset has denied."""
    shown = json.loads(printed("nft", "-j", "list", "counter", "inet",
                               "firewall", "denied"))
    return shown["nftables"][-1]["counter"]["packets"]
