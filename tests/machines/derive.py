#!/usr/bin/env python3
"""Writes tests/machines/NAME/machine.json of every machine that is not a recording as it came.

    derive.py                 writes them; `regenerate` calls it, then has cufit fill in what it makes of each
    derive.py --check         fails where a machine.json or the origin in its README is not what stands here
    derive.py --take FILE     packages of a recording to parts/, with the members that decide

One function for each machine: what is said there is all that is special about it; facts.py has the rest.
"""

import copy
import json
import pathlib
import re
import sys

from facts import GIB, HERE, Machine, absent, again, unreadable, value

MACHINES = {}  # name -> (the machine that it is derived from or nothing, function)


def machine(name, of=None):
    def enter(function):
        MACHINES[name] = (of, function)
        return function
    return enter


# --- GPUs of different years, with a build of PyTorch that does or does not go with them

@machine("rtx3090")
def rtx3090():
    m = Machine("ubuntu-22.04", "5.15.0-122-generic").board("rtx-3090", "0000:01:00.0").driver("535.183.01")
    return m.environment("torch-2.6.0+cu124", "triton-3.2.0", root="/home/user1/venv", python="3.12", active=True)


@machine("rtx4090")
def rtx4090():
    m = Machine("ubuntu-22.04", "6.8.0-45-generic").board("rtx-4090", "0000:01:00.0").driver("550.144.03")
    return m.environment("torch-2.11.0+cu130", "triton-3.6.0")


@machine("rtx5090")
def rtx5090():
    m = Machine("ubuntu-22.04", "6.8.0-64-generic").board("rtx-5090", "0000:01:00.0", bar1=32 * GIB).driver("570.124.06", "open")
    return m.environment("torch-2.6.0+cu124", "triton-3.2.0", root="/home/user1/miniconda3/envs/falcon", kind="conda", active=True)


@machine("a100")
def a100():
    m = Machine("centos-7", "3.10.0-1160.el7.x86_64").board("a100-pcie-40gb", "0000:3b:00.0").driver("470.82.01")
    m.seen["limits"]["cgroup"] = value("v1", "/proc/self/mountinfo")
    return m.environment("torch-2.2.0+cu121", "triton-2.2.0", root="/share/apps/anaconda3", kind="conda", python="3.10")


@machine("h800")
def h800():
    m = Machine("ubuntu-22.04", "5.15.0-91-generic")
    for i in range(8):
        m.board("h800-sxm5", f"0000:{0x19 + 0x11 * i:02x}:00.0")
    m.driver("535.161.08").switches("H100").fabric_manager("535.161.08")
    return m.environment("torch-2.6.0+cu124", "triton-3.2.0")


@machine("t4")
def t4():
    m = Machine("debian-12", "6.1.0-28-cloud-amd64").board("tesla-t4", "0000:00:04.0", bar1=GIB // 4).driver("550.90.07")
    m.seen["compiler"] = absent("/usr/bin")
    return m.environment("torch-2.9.1+cu128", "triton-3.5.1")


@machine("v100")
def v100():
    m = Machine("ubuntu-22.04", "5.15.0-139-generic").board("v100-pcie-16gb", "0000:3b:00.0", bar1=16 * GIB)
    m.board("v100-pcie-16gb", "0000:af:00.0", bar1=16 * GIB).driver("580.95.05")
    return m.environment("torch-2.11.0+cu130", "triton-3.6.0")


@machine("r610")
def r610():
    m = Machine("ubuntu-24.04", "6.14.0-35-generic")
    for i in range(2):
        m.board("b200", f"0000:{0x63 + 5 * i:02x}:00.0", bar1=256 * GIB)
    return m.driver("610.43.02", "open").fabric_manager("610.43.02").environment("torch-2.11.0+cu130", "triton-3.6.0")


# --- Arm

def jetson(system, kernel, l4t, model, soc):
    m = Machine(system, kernel, "aarch64")
    tree = "/proc/device-tree/"
    m.seen["os"].update(jetson=value(l4t, "/etc/nv_tegra_release"), model=value(model, tree + "model"),
                        soc=value(soc, tree + "compatible"))
    m.seen["os"]["secure_boot"] = absent("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c")
    m.kernel["headers"] = value(True, f"/lib/modules/{kernel}/build")
    return m


def tegra_library(m, name, file, version=None):
    path = f"{m.folder}/{name}"
    m.seen["libraries"].append({"name": name.rsplit("/", 1)[-1], "path": path, "real": f"{m.folder}/{file}",
                                "version": value(version, f"{m.folder}/{file}") if version else absent(f"{m.folder}/{file}"),
                                "on": "cache"})


@machine("orin")
def orin():
    m = jetson("ubuntu-22.04", "5.15.148-tegra", "R36.4.3", "NVIDIA Jetson AGX Orin Developer Kit", "tegra234")
    # The module that drives the display; the GPU for compute is nvgpu's.
    m.kernel.update(loaded=value("540.4.0", "/proc/driver/nvidia/version"), flavour=value("open", "/proc/driver/nvidia/version"),
                    modules=["nvgpu", "nvidia", "nvidia_modeset"])
    path = "/lib/modules/5.15.148-tegra/updates/opensrc-disp/nvidia.ko"
    m.kernel.update(on_disk=value("540.4.0", path), on_disk_path=value(path, path), on_disk_flavour=value("open", path))
    m.node("nvidia0", 195, 0)
    m.node("nvidiactl", 195, 255)
    m.node("nvmap", 10, 120, "0660")
    m.node("nvhost-ctrl", 505, 0, "0660")
    for node in m.seen["nodes"]:
        if "nvhost" in node["path"] or "nvmap" in node["path"]:
            node["opens"] = absent(node["path"])
            node["gid"] = 44
    tegra_library(m, "nvidia/libcuda.so.1", "nvidia/libcuda.so.1.1")
    tegra_library(m, "nvidia/libnvidia-ml.so.1", "nvidia/libnvidia-ml.so.1")
    tegra_library(m, "nvidia/libnvidia-ptxjitcompiler.so.1", "nvidia/libnvidia-ptxjitcompiler.so.540.4.0", "540.4.0")
    return m.environment("torch-2.6.0-aarch64", root="/home/user1/venv", python="3.10", active=True)


@machine("thor")
def thor():
    m = jetson("ubuntu-24.04", "6.8.12-tegra", "R38.2.0", "NVIDIA Jetson AGX Thor Developer Kit", "tegra264")
    m.board("jetson-thor-t5000", "0000:01:00.0", bar1=GIB // 4)
    m.module("580.00", "open", "/lib/modules/6.8.12-tegra/updates/opensource-gpu-disp/nvidia.ko").loaded("580.00", "open")
    m.kernel["modprobe"] = absent("/usr/bin/nvidia-modprobe")
    tegra_library(m, "nvidia/libcuda.so.1", "nvidia/libcuda.so.580.00", "580.00")
    tegra_library(m, "nvidia/libnvidia-ml.so.1", "nvidia/libnvidia-ml.so.580.00", "580.00")
    tegra_library(m, "nvidia/libnvidia-ptxjitcompiler.so.1", "nvidia/libnvidia-ptxjitcompiler.so.580.00", "580.00")
    return m.environment("torch-2.9.1+cu130-aarch64", root="/home/user1/venv", active=True)


@machine("gb10")
def gb10():
    m = Machine("ubuntu-24.04", "6.11.0-1016-nvidia", "aarch64").board("gb10", "000f:01:00.0", bar1=GIB // 4)
    return m.driver("580.95.05", "open").environment("torch-2.9.1+cu130-aarch64", root="/home/user1/venv", active=True)


# --- Windows

@machine("wsl2")
def wsl2():
    m = Machine("ubuntu-22.04", "5.15.167.4-microsoft-standard-WSL2")
    m.seen["os"]["wsl"] = value("WSL2", "/proc/sys/kernel/osrelease")
    m.seen["os"]["secure_boot"] = absent("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c")
    m.kernel["headers"] = absent("/lib/modules/5.15.167.4-microsoft-standard-WSL2/build")
    m.kernel["modules"] = ["dxgkrnl"]
    m.node("dxg", 10, 125)
    for name in ("libcuda.so.1", "libnvidia-ml.so.1"):
        path = "/usr/lib/wsl/lib/" + name
        m.seen["libraries"].append({"name": name, "path": path, "real": path, "kind": "wsl", "version": absent(path), "on": "cache"})
    return m.environment("torch-2.9.1+cu128", "triton-3.5.1", root="/home/user1/venv", active=True)


@machine("wsl2-guest-driver", of="wsl2")
def linux_driver_in_guest(m):
    m.libraries("550.144.03")
    m.seen["libraries"].sort(key=lambda l: (l["name"], l.get("kind", "") == "wsl"))


# --- several cards

@machine("3090-and-1080ti")
def mixed_pascal():
    m = Machine("ubuntu-22.04", "6.8.0-59-generic").board("rtx-3090", "0000:01:00.0").board("gtx-1080-ti", "0000:02:00.0")
    return m.driver("570.133.07").environment("torch-2.9.1+cu128", "triton-3.5.1")


@machine("v100-and-b200")
def mixed_modules():
    m = Machine("ubuntu-24.04", "6.8.0-60-generic").board("v100-pcie-32gb", "0000:3b:00.0", bar1=32 * GIB)
    m.board("b200", "0000:af:00.0", bar1=256 * GIB)
    m.driver("580.95.05")
    # The proprietary module knows the B200 and does not start it.
    lost = m.kernel["gpus"].pop()
    m.take_nodes("/dev/nvidia1")
    for device in m.seen["pci"]:
        if device["address"] == lost["address"]:
            device["driver"] = absent(f"/sys/bus/pci/devices/{lost['address']}/driver")
    return m.environment("torch-2.9.1+cu128", "triton-3.5.1")


# --- MIG

@machine("mig")
def mig():
    m = Machine("ubuntu-20.04", "5.4.0-193-generic").board("a100-sxm4-40gb", "0000:07:00.0", bar1=64 * GIB).driver("535.183.01")
    m.seen["mig"] = [{"gpu": 0, "gi": 1, "ci": [0]}, {"gpu": 0, "gi": 2, "ci": [0]}]
    for n in (1, 2, 12, 13, 21, 22):
        m.node(f"nvidia-caps/nvidia-cap{n}", 239, n, "0400" if n == 1 else "0444")
    m.set("CUDA_VISIBLE_DEVICES", "MIG-00000001-0000-0000-0000-000000000000")
    return m.environment("torch-2.6.0+cu124", "triton-3.2.0")


@machine("mig-without-instance", of="mig")
def no_compute_instance(m):
    m.seen["mig"] = [{"gpu": 0, "gi": 1}]
    m.take_nodes(*(f"/dev/nvidia-caps/nvidia-cap{n}" for n in (13, 21, 22)))
    m.env.clear()
    m.seen["variables"].clear()


# --- no driver, or one that does not come up

@machine("no-driver")
def no_driver():
    m = Machine("debian-12", "6.1.0-28-amd64").board("rtx-pro-6000-ws", "0000:01:00.0", bar1=128 * GIB)
    return m.environment("torch-2.9.1+cu128", "triton-3.5.1")


@machine("nouveau", of="no-driver")
def nouveau_first(m):
    m.module("570.133.07", "open").libraries("570.133.07")
    m.kernel["nouveau_blacklisted"] = absent("/etc/modprobe.d")
    m.kernel["modules"] = ["nouveau"]
    device = m.seen["pci"][0]
    device["driver"] = value("nouveau", f"/sys/bus/pci/devices/{device['address']}/driver")


@machine("secure-boot", of="no-driver")
def unsigned_module(m):
    m.module("570.133.07", "open").libraries("570.133.07")
    m.seen["os"]["secure_boot"]["value"] = True


@machine("kernel-update", of="no-driver")
def new_kernel(m):
    m.libraries("570.133.07")
    m.kernel["other_kernels"] = ["6.1.0-27-amd64"]
    m.kernel["headers"] = absent("/lib/modules/6.1.0-28-amd64/build")
    m.kernel["headers"] = value(False, "/lib/modules/6.1.0-28-amd64/build")


@machine("nvml-mismatch", of="rtx3090")
def upgraded_libraries(m):
    new = "535.216.01"
    for l in m.seen["libraries"]:
        l["real"] = l["real"].replace("535.183.01", new)
        l["version"] = value(new, l["real"])
    m.kernel["on_disk"]["value"] = new


@machine("h100-fabric-down")
def fabric_down():
    m = Machine("ubuntu-22.04", "5.15.0-1063-aws")
    for i in range(8):
        m.board("h100-sxm5-80gb", f"0000:{0x53 + 0x11 * i:02x}:00.0")
    m.driver("570.133.20", "open").switches("H100").fabric_manager("570.124.06", runs=False)
    return m.environment("torch-2.9.1+cu128", "triton-3.5.1")


@machine("unreadable-nodes", of="rtx3090")
def group_video(m):
    m.kernel["node_mode"]["value"] = "0660"
    for node in m.seen["nodes"]:
        if "uvm" not in node["path"]:
            node.update(mode="0660", gid=44, opens=unreadable("EACCES", node["path"]))


# --- the wrong libcuda, or none

def of_h200(m):
    """The recorded H200, with PyTorch alone and without the folders of other toolkits."""
    m.subjects = []
    m.seen["environments"] = []
    m.seen["toolkits"] = []
    for name in ("CC", "CXX", "CUDAHOSTCXX", "TORCH_CUDA_ARCH_LIST", "NCCL_VERSION", "CUDA_HOME"):
        m.env.pop(name, None)
    m.seen["variables"] = [v for v in m.seen["variables"] if v["name"] in m.env and not v.get("file")]
    m.seen["libraries"] = [l for l in m.seen["libraries"] if l["name"] in
                           ("libcuda.so.1", "libnvidia-ml.so.1", "libnvidia-ptxjitcompiler.so.1")]
    return m.environment("torch-2.11.0+cu130", "triton-3.6.0", root="/opt/torch/.venv", kind="uv")


def library_path_first(m, folder):
    path = folder + ":" + m.env["LD_LIBRARY_PATH"]
    m.env["LD_LIBRARY_PATH"] = path
    for v in m.seen["variables"]:
        if v["name"] == "LD_LIBRARY_PATH":
            v["value"] = path


@machine("stub-first", of="h200")
def stubs_on_path(m):
    of_h200(m)
    library_path_first(m, "/usr/local/cuda/lib64/stubs")
    stubs = [l for l in m.seen["libraries"] if l.get("kind") == "stub"]
    rest = [l for l in m.seen["libraries"] if l.get("kind") != "stub"]
    for stub in stubs:  # somebody made the link that the toolkit leaves out
        stub["path"] = "/usr/local/cuda/lib64/stubs/" + stub["name"]
        stub["on"] = "LD_LIBRARY_PATH"
    m.seen["libraries"] = stubs + rest


@machine("compat-older", of="h200")
def compat_first(m):
    of_h200(m)
    library_path_first(m, "/usr/local/cuda-12.4/compat")
    compat = [l for l in m.seen["libraries"] if l.get("kind") == "compat"]
    for l in compat:
        l["on"] = "LD_LIBRARY_PATH"
        l["path"] = "/usr/local/cuda-12.4/compat/" + l["name"]
        l["real"] = l["path"].removesuffix("1") + "550.54.15"
        l["version"] = value("550.54.15", l["real"])
        l.pop("compat_note", None)
    m.seen["libraries"] = compat + [l for l in m.seen["libraries"] if l.get("kind") != "compat"]


@machine("uvm-missing", of="h200")
def no_uvm_node(m):
    of_h200(m).take_nodes("/dev/nvidia-uvm", "/dev/nvidia-uvm-tools")


@machine("lost-cgroup", of="h200")
def device_rules_gone(m):
    of_h200(m)
    for node in m.seen["nodes"]:
        node["opens"] = unreadable("EPERM", node["path"])


@machine("l4-hidden-libcuda")
def l4_on_gke():
    m = Machine("ubuntu-22.04", "6.1.112+").board("l4", "0000:00:03.0", bar1=32 * GIB).loaded("550.90.07")
    m.libraries("550.90.07", "/usr/local/nvidia/lib64", on="")
    m.container("kubernetes", "/var/run/secrets/kubernetes.io/serviceaccount", memory=16 * GIB)
    return m.environment("torch-2.9.1+cu128", "triton-3.5.1", root="/usr/local", kind="system", python="3.11")


@machine("nixos")
def nixos():
    m = Machine("nixos-24.11", "6.6.63").board("rtx-4090", "0000:01:00.0")
    m.loaded("565.57.01", "open").libraries("565.57.01", "/run/opengl-driver/lib", on="")
    store = "/nix/store/wqr0zj8s3ndqgk7p5cpwx3i7b1s3gq5f-nvidia-open-6.6.63-565.57.01/lib/modules/6.6.63/misc/nvidia.ko"
    m.kernel.update(on_disk=value("565.57.01", store), on_disk_path=value(store, store), on_disk_flavour=value("open", store))
    return m.environment("torch-2.9.1+cu128", "triton-3.5.1", root="/home/user1/venv", active=True)


@machine("a800-compat")
def a800_compat():
    m = Machine("ubuntu-22.04", "5.10.0-136.12.0.86.oe2203sp1.x86_64")
    for i in range(2):
        m.board("a800-sxm4-80gb", f"0000:{0x4f + 4 * i:02x}:00.0")
    m.loaded("535.161.08")
    m.compat("12.8", "570.124.06", on="LD_LIBRARY_PATH").libraries("535.161.08").docker(memory=512 * GIB, shm=64 * GIB)
    m.set("LD_LIBRARY_PATH", "/usr/local/cuda-12.8/compat").set("NVIDIA_VISIBLE_DEVICES", "all")
    return m.environment("torch-2.9.1+cu128", "triton-3.5.1", root="/usr", kind="system")


@machine("4090-compat")
def rtx4090_compat():
    m = Machine("ubuntu-22.04", "5.15.0-125-generic").board("rtx-4090", "0000:02:00.0").loaded("535.216.01")
    m.compat("12.4", "550.54.15", on="LD_LIBRARY_PATH").libraries("535.216.01").docker()
    m.set("LD_LIBRARY_PATH", "/usr/local/cuda-12.4/compat").set("NVIDIA_VISIBLE_DEVICES", "all")
    return m.environment("torch-2.6.0+cu124", "triton-3.2.0", root="/usr/local", kind="system")


# --- containers

@machine("container-without-gpu")
def container_without_gpu():
    m = Machine("ubuntu-22.04", "6.8.0-45-generic").board("rtx-4090", "0000:01:00.0", driver="nvidia")
    banner = "/proc/driver/nvidia/version"
    m.kernel.update(loaded=value("550.144.03", banner), flavour=value("proprietary", banner),
                    modules=["nvidia", "nvidia_modeset", "nvidia_uvm"], node_mode=value("0666", "/proc/driver/nvidia/params"))
    m.docker()
    return m.environment("torch-2.6.0+cu124", "triton-3.2.0", root="/opt/conda", kind="conda", python="3.11")


@machine("hami")
def hami():
    m = Machine("ubuntu-22.04", "5.15.0-113-generic").board("a100-pcie-40gb", "0000:3b:00.0").loaded("550.107.02")
    m.libraries("550.107.02").container("kubernetes", "/var/run/secrets/kubernetes.io/serviceaccount", shm=8 * GIB)
    preload = "/usr/local/vgpu/libvgpu.so"
    m.seen["preloads"] = [preload]
    m.seen["sharing"] = value("hami", "/etc/ld.so.preload")
    m.set("CUDA_DEVICE_MEMORY_LIMIT_0", "10240m").set("CUDA_DEVICE_SM_LIMIT", "50").set("NVIDIA_VISIBLE_DEVICES", "GPU-00000001-0000-0000-0000-000000000000")
    return m.environment("torch-2.6.0+cu124", "triton-3.2.0", root="/opt/conda", kind="conda", python="3.11")


@machine("gvisor")
def gvisor():
    m = Machine("ubuntu-22.04", "4.4.0").board("a100-sxm4-40gb", "0000:00:05.0").loaded("550.90.12").libraries("550.90.12")
    m.container("gvisor", "/proc/version")
    # The sandbox shows neither buses nor modules; its proxy has the nodes.
    m.seen["pci"], m.seen["pci_seen"] = [], absent("/sys/bus/pci/devices")
    m.kernel.update(loaded=absent("/sys/module/nvidia/version"), flavour=absent("/proc/driver/nvidia/version"), modules=[], gpus=[],
                    node_mode=absent("/proc/driver/nvidia/params"))
    m.take_nodes("/dev/nvidia-uvm-tools")
    m.set("NVIDIA_VISIBLE_DEVICES", "all")
    return m.environment("torch-2.6.0+cu124", "triton-3.2.0", root="/opt/conda", kind="conda", python="3.11")


# --- writing

def recorded(name):
    return json.loads((HERE / name / "machine.json").read_text())


def derived(name):
    of, function = MACHINES[name]
    if not of:
        return function().recording()
    m = again(derived(of) if of in MACHINES else recorded(of))
    function(m)
    return m.recording()


def origin(name):
    of, function = MACHINES[name]
    return f"origin: derived from {of} by {function.__name__}" if of else "origin: composed from http"


def without_what_cufit_makes(recording):
    """What the test fills in is left out."""
    recording = copy.deepcopy(recording)
    for key in ("cufit", "knowledge"):
        recording.pop(key, None)
    for key in ("gpus", "driver", "arch", "glibc", "wsl"):
        recording["machine"].pop(key, None)
    for subject in recording.get("subjects", []):
        subject.pop("toolkit", None)
        subject["read"].pop("pass", None)
    return without_usual_values(recording)


def without_usual_values(json):
    """Members that are left out where they have the usual value of their type."""
    if isinstance(json, list):
        return [without_usual_values(item) for item in json]
    if not isinstance(json, dict):
        return json
    members = {name: without_usual_values(member) for name, member in json.items()}
    return {name: member for name, member in members.items() if name == "value" or member not in ([], {}, "0x0000")}


RECORDED = re.compile(r"origin: (recorded|derived from recording by \w+)\n")


def check():
    wrong = []
    for name in MACHINES:
        if without_what_cufit_makes(recorded(name)) != without_what_cufit_makes(derived(name)):
            wrong.append(f"{name}/machine.json is not what derive.py makes")
        first = (HERE / name / "README.md").read_text().split("\n")[0]
        if not first.startswith(origin(name)):
            wrong.append(f"{name}/README.md begins '{first}', expected '{origin(name)}...'")
    for folder in HERE.iterdir():
        readme = folder / "README.md"
        if readme.exists() and folder.name not in MACHINES and not RECORDED.match(readme.read_text()):
            wrong.append(f"{folder.name} is not recorded, and derive.py does not make it")
    print("\n".join(wrong) or f"{len(MACHINES)} machines are as derive.py makes them")
    return 1 if wrong else 0


KEEP = re.compile(r"/libtorch_cuda\.so$|/ptxas(-blackwell)?$")


def take(path):
    """Distributions of a recording; of their members those that decide in the stories here."""
    for subject in json.loads(pathlib.Path(path).read_text())["subjects"]:
        members = [m for m in subject["members"] if KEEP.search(m["path"])]
        if subject["kind"] not in ("distribution", "build") or not members:
            continue
        site = re.match(r".*?/site-packages/|.*/(?=[^/]*\.dist-info)", subject["path"]).group(0)
        for m in members:
            m.pop("build_id", None)
        part = {k: v for k, v in subject.items() if k not in ("id", "environment")} | {"kind": "distribution", "members": members}
        text = json.dumps(part, indent=1).replace(site, "SITE/")
        (HERE / "parts" / f"{subject['name']}-{subject['version']}.json").write_text(text + "\n")


def main(arguments):
    if arguments[:1] == ["--check"]:
        return check()
    if arguments[:1] == ["--take"]:
        for path in arguments[1:]:
            take(path)
        return 0
    for name in MACHINES:
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        (folder / "machine.json").write_text(json.dumps(derived(name)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
