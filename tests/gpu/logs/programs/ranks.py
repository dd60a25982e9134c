"""Two ranks of torch.distributed on one machine."""
import datetime
import os
import sys
import time

import torch
import torch.distributed as dist

fault = sys.argv[1] if len(sys.argv) > 1 else ""
rank = int(os.environ["RANK"])
if fault == "port":
    os.environ["MASTER_ADDR"] = "127.0.0.1"
torch.cuda.set_device(0 if fault != "ordinal" else rank)
dist.init_process_group("nccl", timeout=datetime.timedelta(seconds=15), device_id=None)
x = torch.ones(1 << 20, device="cuda")
print(f"rank {rank} up", flush=True)
if fault == "alone" and rank == 0:
    time.sleep(40)
if fault == "crash":
    raise ValueError("checkpoint of step 1200 has no key 'lr_scheduler'")
dist.all_reduce(x)
torch.cuda.synchronize()
print(f"rank {rank} sum {float(x[0])}", flush=True)
dist.destroy_process_group()
