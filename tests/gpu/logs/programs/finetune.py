"""A small language model in torch, trained as people do it: progress, logging, a DataLoader. What is to go wrong is named by argument."""
import argparse
import logging
import os
import signal
import sys
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

log = logging.getLogger("finetune")


class Tokens(Dataset):
    def __init__(self, options):
        self.options = options

    def __len__(self):
        return 64

    def __getitem__(self, i):
        if self.options.fault == "fork":
            return torch.randint(0, 90, (32,), device="cuda")
        if self.options.fault == "killed" and i > 20:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.options.fault == "missing-file" and i > 20:
            return torch.load("/data/tokens-00021.pt")
        size = 1 << 22 if self.options.fault == "shm" else 32
        return torch.randint(0, 90, (size,))


class Model(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.embed = nn.Embedding(100, width)
        self.block = nn.TransformerEncoderLayer(width, 4, width * 4, batch_first=True)
        self.head = nn.Linear(width, 100)

    def forward(self, tokens):
        return self.head(self.block(self.embed(tokens)))


def progress(step, of, loss):
    sys.stderr.write(f"\rEpoch 1: {100 * step // of:3d}%|{'█' * (10 * step // of):<10}| {step}/{of} [00:0{step % 10}<00:03, 12.34it/s, loss={loss:.3f}]")
    sys.stderr.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", default="")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(levelname)s] %(name)s: %(message)s", stream=sys.stdout)
    log.info("starting, PyTorch %s", torch.__version__)
    log.info("lr=3e-4 warmup=100 width=%d seed=17", options.width)
    device = torch.device(options.device)
    model = Model(options.width).to(device)
    if options.compile:
        model = torch.compile(model)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-4)
    batches = DataLoader(Tokens(options), 4, num_workers=options.workers)
    for step, tokens in enumerate(batches):
        tokens = tokens.to(device)
        if options.fault == "index" and step == 5:
            tokens = tokens + 60
        if options.fault == "shape" and step == 5:
            model.head = nn.Linear(options.width + 1, 100).to(device)
        if options.fault == "key" and step == 5:
            log.info("restoring %s", {"epoch": 1}["optimizer_state"])
        if options.fault == "oom" and step == 5:
            kept = [torch.zeros(1 << 30, device=device) for _ in range(1000)]
        if options.fault == "huge" and step == 5:
            torch.zeros(1 << 42, device=device)
        if options.fault == "fraction" and step == 5:
            torch.cuda.set_per_process_memory_fraction(0.01)
            kept = [torch.zeros(1 << 26, device=device) for _ in range(100)]
        if options.fault == "fragments" and step == 5:
            # Segments of 1 GiB that hold 700 MiB each: a third of the memory lies between.
            n = (torch.cuda.mem_get_info()[0] >> 30) - 2
            kept = [torch.zeros(1 << 28, device=device) for _ in range(n)]
            kept.clear()
            kept = [torch.zeros(700 << 18, device=device) for _ in range(n)]
            torch.zeros(20 << 28, device=device)
        if options.fault == "retried" and step == 5:
            try:
                torch.zeros(1 << 42, device=device)
            except torch.OutOfMemoryError:
                log.info("batch does not fit, halving it")
        loss = nn.functional.cross_entropy(model(tokens).flatten(0, 1), tokens.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        progress(step, len(batches), float(loss))
        if options.fault == "interrupt" and step == 8:
            raise KeyboardInterrupt
    sys.stderr.write("\n")
    log.info("done, saved checkpoint to out/last.pt")


main()
