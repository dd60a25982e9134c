"""What torch does here, asked without cufit: run by the Python of an environment. Prints "torch ok" or "torch ERROR",
then "mapped FILE" for every library in the process."""
import sys


def used():
    import torch

    a = torch.ones(64, 64, device="cuda")
    if float((a @ a).sum()) != 64.0**3:
        return "wrong product"
    image = torch.ones(1, 1, 8, 8, device="cuda")
    if float(torch.nn.functional.conv2d(image, torch.ones(1, 1, 3, 3, device="cuda")).sum()) != 9.0 * 36:
        return "wrong convolution"
    return "ok"


def main():
    try:
        said = used()
    except BaseException as error:  # whatever ends it is the answer
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
    print("torch", said)
    with open("/proc/self/maps") as maps:
        for path in sorted({line.split(None, 5)[5].strip() for line in maps if ".so" in line}):
            print("mapped", path)
    sys.stdout.flush()


main()
