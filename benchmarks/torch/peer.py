"""The benchmarks' layers in PyTorch, timed on request: one line of JSON in, one out.

Each case takes the inputs that the JavaScript side sends, so that the results can be compared as well as the times.
"""
import copy
import json
import math
import os
import sys
import time

import torch
import torch.nn.functional as F

DEVICE = sys.argv[2]


def rotate(x):
    """Rotary embedding of [..., T, D], pairs of neighbouring channels."""
    length, size = x.shape[-2:]
    cos, sin = tables(length, size)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)


_tables = {}


def tables(length, size):
    if (length, size) not in _tables:
        theta = 10000.0 ** (-torch.arange(size // 2, dtype=torch.float64) * 2 / size)
        angles = torch.arange(length, dtype=torch.float64)[:, None] * theta
        _tables[length, size] = angles.cos().float(), angles.sin().float()
    return _tables[length, size]


def triangle(length):
    return torch.tril(torch.full((length, length), -1e12), -1)


def attention(q, k, v):
    return F.scaled_dot_product_attention(q, k, v)


def causal_attention(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def multi_head_attention(x, wq, bq, wk, bk, wv, bv, wo, bo):
    heads = lambda y: y.unflatten(-1, (12, 64)).transpose(1, 2)
    project = lambda w, b: heads(F.linear(x, w.t(), b))
    y = F.scaled_dot_product_attention(project(wq, bq), project(wk, bk), project(wv, bv))
    return F.linear(y.transpose(1, 2).flatten(2), wo.t(), bo)


def matrix_products(x, wq, wk, wv, wo):
    heads = (x @ wq @ wk @ wv).reshape(96, 128, 64)
    return (heads @ heads.transpose(1, 2) @ heads).reshape(1024, 768) @ wo


def global_pointer(x, kernel, bias):
    q, k = F.linear(x, kernel.t(), bias).unflatten(-1, (10, 2, 64)).permute(3, 0, 2, 1, 4)
    return rotate(q) @ rotate(k).transpose(-1, -2) / 8 + triangle(x.shape[1])


def efficient_global_pointer(x, kernel, bias, types_kernel, types_bias):
    p = F.linear(x, kernel.t(), bias)
    q, k = rotate(p[..., 0::2]), rotate(p[..., 1::2])
    spans = q @ k.transpose(1, 2) / 8 + triangle(x.shape[1])
    types = (F.linear(p, types_kernel.t(), types_bias) / 2).transpose(1, 2)
    return spans[:, None] + types[:, 0::2, None, :] + types[:, 1::2, :, None]


def loss(scores):
    """Multi-label softmax cross-entropy as in bert4keras, text b with an entity of type h at 3 h + b."""
    labels = span_labels(scores.shape)
    signed = (1 - 2 * labels) * scores.flatten(2)
    zero = torch.zeros_like(signed[..., :1])
    others = (labels, 1 - labels)
    return sum(torch.logsumexp(torch.cat([signed - 1e12 * other, zero], -1), -1) for other in others)


_labels = {}


def span_labels(shape):
    if shape not in _labels:
        labels = torch.zeros(shape)
        for b in range(shape[0]):
            for h in range(shape[1]):
                labels[b, h, 3 * h + b, 3 * h + b + 2] = 1
        _labels[shape] = labels.flatten(2)
    return _labels[shape]


def global_pointer_loss(*inputs):
    return loss(global_pointer(*inputs))


def efficient_global_pointer_loss(*inputs):
    return loss(efficient_global_pointer(*inputs))


def gated_attention_unit(x, wi, bi, beta_q, gamma_q, beta_k, gamma_k, wo, bo):
    units, size = wo.shape[0], gamma_q.shape[0]
    u, v, z = F.silu(F.linear(x, wi.t(), bi)).split([units, units, size], -1)
    q, k = rotate(z * gamma_q + beta_q), rotate(z * gamma_k + beta_k)
    weights = F.relu(q @ k.transpose(1, 2) / math.sqrt(size)) ** 2 / x.shape[1]
    return F.linear(u * (weights @ v), wo.t(), bo)


CASES = {
    f.__name__: f
    for f in (
        attention,
        causal_attention,
        matrix_products,
        multi_head_attention,
        global_pointer,
        efficient_global_pointer,
        global_pointer_loss,
        efficient_global_pointer_loss,
        gated_attention_unit,
    )
}


def read(entry):
    with open(entry["file"], "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(entry["shape"])


def write(folder, name, tensor):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(tensor.detach().contiguous().cpu().numpy().tobytes())
    return path


class Case:
    def __init__(self, question):
        self.function = CASES[question["case"]]
        self.inputs = [read(entry).to(DEVICE).requires_grad_() for entry in question["inputs"].values()]
        self.cotangent = read(question["cotangent"]).to(DEVICE)

    def cast(self, dtype):
        """The same case with numbers of another type."""
        other = copy.copy(self)
        other.inputs = [x.detach().to(dtype).requires_grad_() for x in self.inputs]
        other.cotangent = self.cotangent.to(dtype)
        return other

    def forward(self):
        with torch.no_grad():
            return self.function(*self.inputs)

    def training(self):
        output = self.function(*self.inputs)
        return (output, *torch.autograd.grad(output, self.inputs, self.cotangent))


def answer(question, case):
    if question["task"] == "prepare":
        case = Case(question)
        results = case.training()
        return case, {"files": [write(question["folder"], f"result{i}", y) for i, y in enumerate(results)]}
    run = getattr(case.cast(getattr(torch, question["dtype"])), question["pass"])
    times = []
    for _ in range(question["runs"]):
        synchronize()
        start = time.perf_counter()
        run()
        synchronize()
        times.append(1000 * (time.perf_counter() - start))
    return case, {"milliseconds": times}


def synchronize():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.set_default_device(DEVICE)
    torch.backends.cuda.matmul.allow_tf32 = False  # float32 is compared with float32
    print(json.dumps({"version": torch.__version__}), flush=True)
    case = None
    for line in sys.stdin:
        try:
            case, reply = answer(json.loads(line), case)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
