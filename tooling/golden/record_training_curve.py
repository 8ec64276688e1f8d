"""Whole MMEngine runs in the format of parity/numerics/training_curve.json (see the README there), of other configs than those.

    /work/venv/bin/python tooling/golden/record_training_curve.py tooling/golden/numerics/training_curve_more.json

Needs torch and mmengine. The runs here are those that the public file lacks: noise from the global stream in a run that counts
iterations and passes over its data several times, a checkpoint of a plateau, whose validation is still due when it is resumed, and
settings for layers drawn after the data loader has been started (`init_cfg`).
"""
import base64
import copy
import hashlib
import json
import os
import re
import sys
import tempfile
import time

os.environ["CUDA_VISIBLE_DEVICES"] = ""

import mmengine
import numpy as np
import torch
import torch.nn as nn
from mmengine.evaluator import BaseMetric
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.registry import DATASETS, METRICS, MODELS
from mmengine.runner import Runner
from torch.utils.data import Dataset

torch.set_num_threads(1)
load = torch.load
torch.load = lambda *args, **kwargs: load(*args, **{**kwargs, "weights_only": False})  # this torch refuses what mmengine saves
time.sleep = lambda _seconds: None  # the loop sleeps two seconds before each further pass


@DATASETS.register_module()
class FormulaDataset(Dataset):
    metainfo = dict(classes=[str(c) for c in range(10)])

    def __init__(self, n, offset=0):
        self.n, self.offset = n, offset

    def __len__(self):
        return self.n

    def __getitem__(self, k):
        i = self.offset + k
        c = i % 10
        y, x = np.mgrid[0:28, 0:28]
        across, low = (y if c % 2 == 0 else x), 2 + 5 * (c // 2)
        bar = ((across >= low) & (across < low + 4)).astype(np.float64)
        image = bar + ((i * 7 + y * 3 + x * 5 + y * x) % 17) / 32 - 0.25
        return dict(inputs=torch.from_numpy(image[None]).float(), labels=torch.tensor(c))


@MODELS.register_module()
class TinyLeNet(BaseModel):
    def __init__(self, p_drop, init_cfg=None):
        super().__init__(init_cfg=init_cfg)
        self.conv1 = nn.Conv2d(1, 4, 5, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 8, 5)
        self.fc1 = nn.Linear(128, 16)
        self.fc2 = nn.Linear(16, 10)
        self.act, self.pool, self.drop = nn.SiLU(), nn.AvgPool2d(2), nn.Dropout(p_drop)

    def forward(self, inputs, labels, mode="tensor"):
        inputs, labels = torch.stack(inputs), torch.stack(labels)  # batches come as lists
        x = self.pool(self.act(self.bn(self.conv1(inputs))))
        x = self.pool(self.act(self.conv2(x)))
        logits = self.fc2(self.drop(self.act(self.fc1(x.flatten(1)))))
        if mode == "loss":
            acc = (logits.argmax(1) == labels).float().mean()
            return dict(loss_cls=nn.functional.cross_entropy(logits, labels), acc=acc)
        return [dict(pred=p, label=t) for p, t in zip(logits.argmax(1), labels)]


@METRICS.register_module()
class Acc(BaseMetric):
    default_prefix = "val"

    def process(self, data_batch, data_samples):
        self.results += [int(s["pred"] == s["label"]) for s in data_samples]

    def compute_metrics(self, results):
        return dict(accuracy=100 * sum(results) / len(results), count=len(results))


class Stop(Exception):
    pass


def tensor(t):
    array = t.detach().cpu().numpy()
    return dict(shape=list(array.shape), dtype=str(array.dtype), data=base64.b64encode(array.tobytes()).decode())


def state(model):
    return {name: tensor(t) for name, t in model.state_dict().items()}


class Recorder(Hook):
    priority = "LOWEST"

    def __init__(self, stop_after):
        self.stop_after, self.iters, self.val, self.start = stop_after, [], [], None

    def before_train(self, runner):
        self.start = state(runner.model)

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        group = runner.optim_wrapper.optimizer.param_groups[0]
        momentum = group["momentum"] if "momentum" in group else group["betas"][0]
        self.now = dict(epoch=runner.epoch, iter=runner.iter, batch_idx=batch_idx, lr=group["lr"], momentum=momentum,
                        labels=[int(label) for label in data_batch["labels"]])

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.iters.append({**self.now, **{k: float(v) for k, v in outputs.items()}})
        if self.stop_after is not None and runner.iter + 1 == self.stop_after:
            raise Stop

    def after_val_epoch(self, runner, metrics=None):
        self.val.append(dict(epoch=runner.epoch, iter=runner.iter, metrics=metrics))


def plain(x):
    if isinstance(x, dict):
        return {str(k): plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    return x


def hidden(text, work, stamps):
    for i, stamp in enumerate(stamps):
        text = text.replace(stamp, f"STAMP{i + 1}")
    return text.replace(work, "WORK")


def run_once(name, config, *, work, suffix, stop_after=None, resume=False, nudge=None):
    config = copy.deepcopy(config)
    runner = Runner(work_dir=os.path.join(work, name), experiment_name=f"{name}-{suffix}", resume=resume,
                    default_scope="mmengine", **config)
    made = state(runner.model)
    if nudge is not None:
        with torch.no_grad():
            g = torch.Generator().manual_seed(nudge)
            for p in runner.model.parameters():
                towards = torch.where(torch.rand(p.shape, generator=g) < 0.5, torch.inf, -torch.inf)
                p.copy_(torch.nextafter(p, towards))
    recorder = Recorder(stop_after)
    runner.register_hook(recorder, "LOWEST")
    try:
        runner.train()
    except Stop:
        pass
    for handler in runner.logger.handlers:
        handler.flush()
    return runner, recorder, made


def record(name, runner, recorder, made, *, work, stop_after=None, resume=False):
    folder = os.path.join(work, name)
    stamps = sorted(d for d in os.listdir(folder) if re.fullmatch(r"\d{8}_\d{6}", d))
    stamp = runner.timestamp
    with open(os.path.join(folder, stamp, f"{stamp}.log")) as file:
        lines = file.read().splitlines()
    starts = [i for i, line in enumerate(lines) if re.match(r"\d{4}/\d\d/\d\d ", line)]
    lines = [lines[i] for i in starts]
    first = next(i for i, line in enumerate(lines) if "Checkpoints will be saved to" in line)
    shown = []
    for line in lines[first:]:
        line = re.sub(r"^\S+ \S+ - ", "T - ", line).replace(work, "WORK").replace(stamp, "STAMP")
        line = re.sub(r"\beta: (?:\d+ days?, )?\d+:\d\d:\d\d", "eta: T", line)
        shown.append(re.sub(r"\b(time|data_time): \d+\.\d{4}", r"\1: T", line))
    with open(os.path.join(folder, stamp, "vis_data", "scalars.json")) as file:
        scalars = [json.loads(line) for line in file]
    scalars = [{k: "T" if k in ("time", "data_time") else v for k, v in row.items()} for row in scalars]
    files = sorted(hidden(os.path.relpath(os.path.join(base, f), folder) + ("/" if f in dirs else ""), folder, stamps)
                   for base, dirs, fs in os.walk(folder) for f in dirs + fs)
    hub = runner.message_hub
    weights = state(runner.model)
    out = dict(
        name=name, stopped_after_iter=stop_after, resumed=resume,
        weights_after_construction=None if resume else made,
        weights_at_train_start=recorder.start if resume or recorder.start != made else None,
        iters=recorder.iters, val=recorder.val, log_lines=shown, scalars=scalars, files=files,
        last_checkpoint=hidden(open(os.path.join(folder, "last_checkpoint")).read(), work, stamps),
        final_epoch=runner.epoch, final_iter=runner.iter, final_weights=weights,
        final_weights_sha256=hashlib.sha256(json.dumps(weights, sort_keys=True).encode()).hexdigest(),
        optimizer_lr=runner.optim_wrapper.get_lr(),
        schedulers=[dict(type=type(s).__name__, state=plain(s.state_dict())) for s in runner.param_schedulers],
        message_hub=dict(
            log_scalars={k: dict(count=len(v.data[0]), last=None if k.endswith("time") else float(v.data[0][-1]))
                         for k, v in hub.log_scalars.items()},
            runtime_info_keys=list(hub.runtime_info), resumed_keys=dict(hub._resumed_keys)),
    )
    if stop_after is None:
        losses, accuracies = [i["loss"] for i in recorder.iters], [v["metrics"]["val/accuracy"] for v in recorder.val]
        name_of_file = sorted(f for f in os.listdir(folder) if re.match(r"(epoch|iter)_\d+\.pth", f))[-1]
        saved = torch.load(os.path.join(folder, name_of_file), weights_only=False)
        out["checkpoint"] = dict(
            file=name_of_file, keys=list(saved), meta_keys=list(saved["meta"]), epoch=saved["meta"]["epoch"],
            iter=saved["meta"]["iter"], seed=saved["meta"]["seed"], dataset_meta=saved["meta"]["dataset_meta"],
            state_dict_keys=list(saved["state_dict"]), optimizer_keys=list(saved["optimizer"]),
            n_schedulers=len(saved["param_schedulers"]), message_hub_keys=list(saved["message_hub"]),
            hub_scalar_keys=list(saved["message_hub"]["log_scalars"]),
            hub_info_keys=list(saved["message_hub"]["runtime_info"]))
        out["learning"] = dict(first_loss=losses[0], mean_of_last_5=sum(losses[-5:]) / 5,
                               last_val_accuracy=accuracies[-1], distinct_val_accuracies=len(set(accuracies)))
    return out


def sensitivity(name, config, straight, weights, work):
    losses = [i["loss"] for i in straight.iters]
    change, by_name = [0.0] * len(losses), {k: 0.0 for k in weights if k != "bn.num_batches_tracked"}
    for nudge in range(3):
        runner, recorder, _ = run_once(f"nudged{nudge}-{name}", config, work=work, suffix="n", nudge=nudge)
        change = [max(c, abs(a["loss"] - b)) for c, a, b in zip(change, recorder.iters, losses)]
        for key, t in runner.model.state_dict().items():
            if key in by_name:
                by_name[key] = max(by_name[key], (t - weights[key]).abs().max().item())
    return dict(loss_abs_change_per_iter=change, final_weight_max_abs_change_by_name=by_name)


def loader(n, batch, **rest):
    return dict(batch_size=batch, num_workers=0, dataset=dict(type="FormulaDataset", n=n, **rest.pop("data", {})), **rest)


SEED = 11
COMMON = dict(
    randomness=dict(seed=SEED, deterministic=True),
    val_dataloader=loader(37, 10, data=dict(offset=500), sampler=dict(type="DefaultSampler", shuffle=False)),
    val_evaluator=dict(type="Acc"), val_cfg=dict(),
)
CONFIGS = {
    # noise, and several passes over the data
    "noise-iter": dict(
        model=dict(type="TinyLeNet", p_drop=0.2),
        optim_wrapper=dict(type="OptimWrapper", optimizer=dict(type="SGD", lr=0.1, momentum=0.8), accumulative_counts=2),
        train_dataloader=loader(60, 12, sampler=dict(type="DefaultSampler", shuffle=True)),
        train_cfg=dict(by_epoch=False, max_iters=64, val_interval=8),
        param_scheduler=[dict(type="LinearLR", start_factor=0.25, by_epoch=False, begin=0, end=8)],
        default_hooks=dict(logger=dict(type="LoggerHook", interval=4),
                           checkpoint=dict(type="CheckpointHook", interval=8, by_epoch=False, max_keep_ckpts=3,
                                           save_best="val/accuracy", rule="greater")),
        log_processor=dict(by_epoch=False, window_size=3), **COMMON),
    # a checkpoint on a plateau: its validation is due when it is resumed
    "epoch": dict(
        model=dict(type="TinyLeNet", p_drop=0.0, init_cfg=[
            dict(type="Kaiming", layer="Conv2d"), dict(type="TruncNormal", layer="Linear", std=0.1, bias=0.01)]),
        optim_wrapper=dict(type="OptimWrapper", optimizer=dict(type="AdamW", lr=0.004, weight_decay=0.01),
                           clip_grad=dict(max_norm=1.0)),
        train_dataloader=loader(125, 12, sampler=dict(type="DefaultSampler", shuffle=True)),
        train_cfg=dict(by_epoch=True, max_epochs=6, val_begin=2, val_interval=1),
        param_scheduler=[dict(type="CosineAnnealingLR", T_max=6, eta_min=1e-4, by_epoch=True)],
        default_hooks=dict(logger=dict(type="LoggerHook", interval=5, ignore_last=False),
                           checkpoint=dict(type="CheckpointHook", interval=1, max_keep_ckpts=1, save_best="auto",
                                           rule="greater")),
        **COMMON),
    # settings drawn after the data loader has been started
    "init-iter": dict(
        model=dict(type="TinyLeNet", p_drop=0.1, init_cfg=[
            dict(type="Xavier", layer="Conv2d"), dict(type="Normal", layer="Linear", std=0.1)]),
        optim_wrapper=dict(type="OptimWrapper", optimizer=dict(type="SGD", lr=0.05, momentum=0.9)),
        train_dataloader=loader(60, 12, drop_last=True, sampler=dict(type="InfiniteSampler", shuffle=True)),
        train_cfg=dict(by_epoch=False, max_iters=40, val_interval=20),
        param_scheduler=[dict(type="PolyLR", power=0.9, by_epoch=False, begin=0, end=40)],
        default_hooks=dict(logger=dict(type="LoggerHook", interval=10),
                           checkpoint=dict(type="CheckpointHook", interval=20, by_epoch=False)),
        log_processor=dict(by_epoch=False), **COMMON),
}
STOPS = {"epoch": 49}


def main(path):
    runs, effects = [], {}
    with tempfile.TemporaryDirectory() as work:
        again = None
        for name, config in CONFIGS.items():
            runner, recorder, made = run_once(name, config, work=work, suffix="a")
            runs.append(record(name, runner, recorder, made, work=work))
            weights = {k: t.clone() for k, t in runner.model.state_dict().items()}
            effects[name] = sensitivity(name, config, recorder, weights, work)
        for name, stop in STOPS.items():
            pair = f"resume-{name}"
            runner, recorder, made = run_once(pair, CONFIGS[name], work=work, suffix="a", stop_after=stop)
            runs.append(record(pair, runner, recorder, made, work=work, stop_after=stop))
            while True:  # another second, another folder
                if time.strftime("%Y%m%d_%H%M%S") != runner.timestamp:
                    break
            runner, recorder, made = run_once(pair, CONFIGS[name], work=work, suffix="b", resume=True)
            runs.append(record(pair, runner, recorder, made, work=work, resume=True))
        controls = dict(all_full_runs_learn={
            r["name"] + ("-resumed" if r["resumed"] else ""):
                r["iters"][-1]["loss"] < 1.5 and r["val"][-1]["metrics"]["val/accuracy"] > 40
            for r in runs if r["stopped_after_iter"] is None})
    golden = dict(
        versions=dict(torch=torch.__version__, mmengine=mmengine.__version__, numpy=np.__version__, threads=1,
                      cpu_capability=torch.backends.cpu.get_cpu_capability()),
        setup=dict(seed=SEED, configs=plain(CONFIGS)), controls=controls, sensitivity=effects, runs=runs)
    with open(path, "w") as file:
        json.dump(golden, file)
        file.write("\n")


main(sys.argv[1])
