"""The toolkits that the programs are built with: which packages they come from, and where their parts lie.

A toolkit is fetched once into build/gpu/toolkits/VERSION. The packages of CUDA 11 and 12 hold ptxas and libcudart
alone; those of CUDA 13 hold a whole compiler. "host" is the nvcc of this machine.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

PACKAGES = {
    "11.8": ["nvidia-cuda-nvcc-cu11==11.8.89", "nvidia-cuda-runtime-cu11==11.8.89"],
    "12.0": ["nvidia-cuda-nvcc-cu12==12.0.140", "nvidia-cuda-runtime-cu12==12.0.146"],
    "12.4": ["nvidia-cuda-nvcc-cu12==12.4.131", "nvidia-cuda-runtime-cu12==12.4.127"],
    "12.9": ["nvidia-cuda-nvcc-cu12==12.9.86", "nvidia-cuda-runtime-cu12==12.9.79"],
    "13.0": ["nvidia-cuda-nvcc==13.0.88", "nvidia-cuda-crt==13.0.88", "nvidia-nvvm==13.0.88",
             "nvidia-cuda-runtime==13.0.96"],
    "13.1": ["nvidia-cuda-nvcc==13.1.115", "nvidia-cuda-crt==13.1.115", "nvidia-nvvm==13.1.115",
             "nvidia-cuda-runtime==13.1.80"],
    "13.5": ["nvidia-cuda-nvcc==13.5.37", "nvidia-cuda-crt==13.5.37", "nvidia-nvvm==13.5.37",
             "nvidia-cuda-runtime==13.5.37"],
}
ISA = {"11.8": "7.8", "12.0": "8.0", "12.4": "8.4", "12.9": "8.8", "13.0": "9.0", "13.1": "9.1", "13.5": "9.4"}
SONAME = {"11": "libcudart.so.11.0", "12": "libcudart.so.12", "13": "libcudart.so.13"}


class Toolkit:
    """Paths of one toolkit."""

    def __init__(self, root, version):
        self.version = version
        if version == "host":
            nvcc = shutil.which("nvcc")
            self.root = pathlib.Path(nvcc).resolve().parent.parent if nvcc else None
        else:
            self.root = root / version

    def exists(self):
        return self.root is not None and self.root.is_dir()

    def tool(self, name):
        return self.root / "bin" / name

    def full_version(self, tool="ptxas"):
        said = subprocess.run([self.tool(tool), "--version"], capture_output=True, text=True, check=True).stdout
        return said.rsplit(", V", 1)[1].split()[0]

    def release(self):
        """13.0 for 13.0.88."""
        return ".".join(self.full_version().split(".")[:2])

    def library(self, name):
        for folder in ("lib", "lib64"):
            if (self.root / folder / name).exists():
                return self.root / folder / name
        raise FileNotFoundError(f"{self.root}: no {name}")

    def cudart(self):
        return self.library(SONAME[self.release().split(".")[0]])


def _unpack(wheel, into):
    """Lays bin, include, lib and nvvm of a package into one folder."""
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(wheel).extractall(folder)
        for part in pathlib.Path(folder, "nvidia").iterdir():
            for sub in ("bin", "include", "lib", "nvvm"):
                if (part / sub).is_dir():
                    shutil.copytree(part / sub, into / sub, dirs_exist_ok=True)


def fetch(root):
    """Fetches what is not there yet, with pip."""
    for version, packages in PACKAGES.items():
        into = root / version
        if into.exists():
            continue
        print(f"fetching toolkit {version}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
                            "--platform", "manylinux2014_x86_64", "--platform", "manylinux2010_x86_64",
                            "--platform", "manylinux1_x86_64", "-d", folder, *packages], check=True)
            partial = root / (version + ".partial")
            shutil.rmtree(partial, ignore_errors=True)
            for wheel in sorted(pathlib.Path(folder).glob("*.whl")):
                _unpack(wheel, partial)
        for folder in (partial / "bin", partial / "nvvm" / "bin"):
            for tool in folder.glob("*") if folder.is_dir() else []:
                tool.chmod(0o755)
        if (partial / "lib" / "libnvvm.so.4").exists():  # where nvlink looks for it
            (partial / "nvvm" / "lib64").mkdir()
            (partial / "nvvm" / "lib64" / "libnvvm.so").symlink_to("../../lib/libnvvm.so.4")
        partial.rename(into)


if __name__ == "__main__":
    fetch(pathlib.Path(sys.argv[1]))
