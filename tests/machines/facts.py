"""Facts of machines in the words of cufit.machine/1, and machines without fault to begin with.

A machine is described as somebody who logs in there would see it: what lies in /proc, /sys and /dev, which libraries the driver
installed, which packages are there. What cufit makes of it (names of GPUs, compute capabilities) is left out: the test fills it in.
"""

import copy
import json
import pathlib
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROWS = {row["id"]: row for row in tomllib.loads((HERE.parents[1] / "data/gpus.toml").read_text())["gpu"]}

GIB = 1 << 30
SYSTEMS = {  # id, version, name, glibc, compiler
    "centos-7": ("centos", "7", "CentOS Linux 7 (Core)", "2.17", "gcc 4.8"),
    "debian-12": ("debian", "12", "Debian GNU/Linux 12 (bookworm)", "2.36", "gcc 12"),
    "nixos-24.11": ("nixos", "24.11", "NixOS 24.11 (Vicuna)", "2.40", None),
    "rocky-9": ("rocky", "9.5", "Rocky Linux 9.5 (Blue Onyx)", "2.34", "gcc 11"),
    "ubuntu-20.04": ("ubuntu", "20.04", "Ubuntu 20.04.6 LTS", "2.31", "gcc 9"),
    "ubuntu-22.04": ("ubuntu", "22.04", "Ubuntu 22.04.5 LTS", "2.35", "gcc 11"),
    "ubuntu-24.04": ("ubuntu", "24.04", "Ubuntu 24.04.3 LTS", "2.39", "gcc 13"),
}
LIBRARIES = ("libcuda.so", "libnvidia-ml.so", "libnvidia-ptxjitcompiler.so")
# Device id, class and how many: NVSwitches of the boards with eight GPUs (pci.ids).
SWITCHES = {"A100": ("0x1af1", 6), "H100": ("0x22a3", 4)}


def value(v, where):
    return {"value": v, "from": "path:" + where}


def absent(where):
    return {"absent": True, "from": "path:" + where}


def unreadable(why, where):
    return {"unreadable": why, "from": "path:" + where}


def multiarch(arch):
    return f"/usr/lib/{arch}-linux-gnu"


class Machine:
    """A recording in the making."""

    def __init__(self, system, kernel, arch="x86_64"):
        self.arch, self.release = arch, kernel
        self.env, self.subjects = {}, []
        os_id, version, name, glibc, compiler = SYSTEMS[system]
        release = "/etc/os-release"
        # Fedora's family keeps libraries in /usr/lib64, NixOS in its store.
        self.folder = multiarch(arch) if os_id in ("debian", "ubuntu") else "/usr/lib64"
        modules = "/lib/modules/" + kernel
        self.seen = {
            "root": "/",
            "os": {
                "id": value(os_id, release), "version": value(version, release), "name": value(name, release),
                "kernel": value(kernel, "/proc/sys/kernel/osrelease"), "arch": value(arch, "/bin/sh"),
                "libc": value("glibc", self.folder + "/libc.so.6"), "glibc": value(glibc, self.folder + "/libc.so.6"),
                "secure_boot": value(False, SECURE_BOOT), "jetson": absent("/etc/nv_tegra_release"),
                "model": absent("/proc/device-tree/model"), "soc": absent("/proc/device-tree/compatible"),
                "wsl": absent("/proc/sys/kernel/osrelease"),
            },
            "limits": {
                "container": absent("/proc/1/environ"), "cgroup": value("v2", "/proc/self/mountinfo"),
                "cpus": absent("/sys/fs/cgroup/cpu.max"), "memory": absent("/sys/fs/cgroup/memory.max"),
                "oom_kills": absent("/sys/fs/cgroup/memory.events"), "shm": value(32 * GIB, "/dev/shm"),
            },
            "pci_seen": value(True, "/sys/bus/pci/devices"),
            "pci": [],
            "kernel": {
                "loaded": absent("/sys/module/nvidia/version"), "flavour": absent("/proc/driver/nvidia/version"),
                "modules": [],
                "on_disk": absent(modules + "/modules.dep"), "on_disk_path": absent(modules + "/modules.dep"),
                "headers": value(True, modules + "/build"), "on_disk_flavour": absent(modules + "/modules.dep"),
                "blacklisted": absent("/etc/modprobe.d"), "nouveau_blacklisted": absent("/etc/modprobe.d"),
                "modprobe": absent("/usr/bin/nvidia-modprobe"), "node_mode": absent("/proc/driver/nvidia/params"),
                "gpus": [],
            },
            "nodes": [],
            "libraries": [],
            "sharing": absent("/etc/ld.so.preload"),
            "environments": [],
            "compiler": value(compiler, "/usr/bin/gcc") if compiler else absent("/usr/bin"),
        }

    # --- hardware

    def board(self, board, address, driver=None, bar1=None):
        """A GPU in a slot; driver: the kernel module that owns it."""
        row = ROWS[board]
        device, subsystem_vendor, subsystem = row["pci_ids"][0], "10de", "0000"
        if row.get("pci_subsystems"):
            device, subsystem_vendor, subsystem = row["pci_subsystems"][0].split(":")
        folder = "/sys/bus/pci/devices/" + address
        geforce = row["segment"] == "geforce"
        self.seen["pci"].append({
            "address": address, "device": "0x" + device.lower(), "subsystem_vendor": "0x" + subsystem_vendor.lower(),
            "subsystem": "0x" + subsystem.lower(), "class": "0x030000" if geforce else "0x030200",
            "driver": value(driver, folder + "/driver") if driver else absent(folder + "/driver"),
            "bar1": value(bar1 or (GIB // 4 if geforce else 128 * GIB), folder + "/resource"),
        })
        return self

    def switches(self, generation):
        """NVSwitches, driven by the nvidia module as well."""
        device, count = SWITCHES[generation]
        for i in range(count):
            address = f"0000:{5 + i:02x}:00.0"
            folder = "/sys/bus/pci/devices/" + address
            self.seen["pci"].append({
                "address": address, "device": device, "subsystem_vendor": "0x10de", "subsystem": "0x0000",
                "class": "0x068000", "driver": value("nvidia-nvswitch", folder + "/driver"), "bar1": absent(folder + "/resource"),
            })
            self.node(f"nvidia-nvswitch{i}", 510, i)
        self.node("nvidia-nvswitchctl", 510, 255)
        self.seen["pci"].sort(key=lambda d: d["address"])
        return self

    # --- driver

    def node(self, name, major, minor, mode="0666"):
        path = "/dev/" + name
        node = {"path": path, "mode": mode, "major": major, "minor": minor, "opens": value(True, path)}
        if minor == 0:
            del node["minor"]
        self.seen["nodes"].append(node)
        self.seen["nodes"].sort(key=lambda n: n["path"])

    def module(self, version, flavour="proprietary", path=None):
        """It lies on disk for the running kernel."""
        path = path or f"/lib/modules/{self.release}/updates/dkms/nvidia.ko"
        self.kernel.update(on_disk=value(version, path), on_disk_path=value(path, path), on_disk_flavour=value(flavour, path))
        self.kernel["nouveau_blacklisted"] = value("/etc/modprobe.d/nvidia-installer-disable-nouveau.conf", "/etc/modprobe.d")
        self.kernel["modprobe"] = value(True, "/usr/bin/nvidia-modprobe")
        return self

    def loaded(self, version, flavour="proprietary"):
        """The module runs and has taken the GPUs that it can drive; their nodes are there."""
        banner = "/proc/driver/nvidia/version"
        self.kernel.update(loaded=value(version, banner), flavour=value(flavour, banner),
                           modules=["nvidia", "nvidia_modeset", "nvidia_uvm"],
                           node_mode=value("0666", "/proc/driver/nvidia/params"))
        for device in self.seen["pci"]:
            if device["class"].startswith("0x03"):
                self.driven(device)
        self.node("nvidiactl", 195, 255)
        self.node("nvidia-uvm", 511, 0)
        self.node("nvidia-uvm-tools", 511, 1)
        return self

    def driven(self, device):
        """The driver has started this GPU."""
        address, n = device["address"], len(self.kernel["gpus"])
        device["driver"] = value("nvidia", f"/sys/bus/pci/devices/{address}/driver")
        information = f"/proc/driver/nvidia/gpus/{address}/information"
        row = next(r for r in ROWS.values() if device["device"][2:].upper() in (r.get("pci_ids") or []))
        self.kernel["gpus"].append({
            "address": address, "model": value(row["names"][0], information),
            "uuid": value(f"GPU-{n + 1:08d}-0000-0000-0000-000000000000", information),
            "started": True,
        } | {"minor": value(n, information)})
        self.node(f"nvidia{n}", 195, n)

    def libraries(self, version, folder=None, on="cache"):
        """The user space of the driver."""
        folder = folder or self.folder
        for name in LIBRARIES:
            real = f"{folder}/{name}.{version}"
            self.seen["libraries"].append({"name": name + ".1", "path": f"{folder}/{name}.1", "real": real,
                                           "version": value(version, real)} | ({"on": on} if on else {}))
        return self

    def compat(self, toolkit, version, on=""):
        """The folder of a cuda-compat package."""
        for name in ("libcuda.so", "libnvidia-ptxjitcompiler.so"):
            real = f"/usr/local/cuda-{toolkit}/compat/{name}.{version}"
            self.seen["libraries"].append({"name": name + ".1", "path": f"/usr/local/cuda-{toolkit}/compat/{name}.1", "real": real,
                                           "kind": "compat", "version": value(version, real)} | ({"on": on} if on else {}))
        return self

    def driver(self, version, flavour="proprietary"):
        """All of a driver, well installed."""
        return self.module(version, flavour).loaded(version, flavour).libraries(version)

    def fabric_manager(self, version, runs=True):
        self.seen["fabric_manager"] = value(True, "/run/nvidia-fabricmanager/nv-fabricmanager.pid") if runs else value(False, "/proc")
        self.seen["fabric_manager_version"] = value(version, "/var/log/fabricmanager.log")
        return self

    # --- containers

    def container(self, kind, mark, memory=64 * GIB, shm=GIB // 16):
        """Seen from inside: what the host has on disk is out of sight."""
        os, limits = self.seen["os"], self.seen["limits"]
        os["secure_boot"] = unreadable("masked", "/sys/firmware")
        limits["container"] = value(kind, mark)
        limits["memory"] = value(memory, "/sys/fs/cgroup/memory.max")
        limits["oom_kills"] = value(0, "/sys/fs/cgroup/memory.events")
        limits["shm"] = value(shm, "/dev/shm")
        modules = "/lib/modules/" + self.release
        for name in ("on_disk", "on_disk_path", "on_disk_flavour"):
            self.kernel[name] = absent(modules + "/modules.dep")
        self.kernel["headers"] = absent(modules)
        self.kernel["nouveau_blacklisted"] = absent("/etc/modprobe.d")
        self.kernel["modprobe"] = absent("/usr/bin/nvidia-modprobe")
        if self.seen["pci"] or self.seen["nodes"]:
            self.seen["fabric_manager"] = unreadable("hidden", "/proc")
            self.seen["fabric_manager_version"] = absent("/var/log/fabricmanager.log")
        return self

    def docker(self, **limits):
        return self.container("docker", "/.dockerenv", **limits)

    # --- what is installed

    def environment(self, *parts, root="/opt/venv", kind="venv", python="3.12", active=False):
        """An environment with these packages, as they were read from their wheels (parts/)."""
        site = f"{root}/lib/python{python}/site-packages"
        names = []
        for part in parts:
            subject = json.loads((HERE / "parts" / (part + ".json")).read_text())
            subject = {"id": f"s{len(self.subjects)}"} | subject | {"environment": root}
            text = json.dumps(subject).replace("SITE/", site + "/")
            self.subjects.append(json.loads(text))
            names.append(f"{subject['name']} {subject['version']}")
        found = {"root": root, "kind": kind, "python": python, "frameworks": names}
        self.seen["environments"].append(found | ({"active": True} if active else {}))
        if active:
            self.set("CONDA_PREFIX" if kind == "conda" else "VIRTUAL_ENV", root)
        return self

    def set(self, name, text):
        """A variable of the shell."""
        self.env[name] = text
        self.seen.setdefault("variables", []).append({"name": name, "value": text})
        self.seen["variables"].sort(key=lambda v: v["name"])
        return self

    # --- access

    @property
    def kernel(self):
        return self.seen["kernel"]

    def library(self, name):
        return next(l for l in self.seen["libraries"] if l["name"].startswith(name))

    def device_node(self, path):
        return next(n for n in self.seen["nodes"] if n["path"] == path)

    def take_nodes(self, *paths):
        self.seen["nodes"] = [n for n in self.seen["nodes"] if n["path"] not in paths]
        return self

    def recording(self):
        machine = {"origin": "observed", "platform": "linux", "gpus": [], "driver": {}, "assumed": []}
        if self.env:
            machine["env"] = dict(sorted(self.env.items()))
        return {"schema": "cufit.machine/1", "redacted": True, "machine": machine, "observed": self.seen, "subjects": self.subjects}


SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def again(recording):
    """A recording as a machine that can be changed."""
    m = Machine.__new__(Machine)
    recording = copy.deepcopy(recording)
    m.seen, m.subjects = recording["observed"], recording.get("subjects", [])
    m.env = recording["machine"].get("env", {})
    m.arch = m.seen["os"]["arch"]["value"]
    m.release = m.seen["os"]["kernel"]["value"]
    m.folder = "/usr/lib64" if m.seen["os"]["id"]["value"] in ("centos", "rocky") else multiarch(m.arch)
    return m
