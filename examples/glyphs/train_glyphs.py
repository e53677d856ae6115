"""Trains the bundled network and writes the files that demo.sh uses. About ten minutes on two cores."""
import json
import os
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from make_glyphs import CLASSES, render_set

HERE = os.path.dirname(os.path.abspath(__file__))
MEAN, STD = 0.45, 0.30


class Block(nn.Module):
    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(c_out)
        self.shortcut = None
        if stride != 1 or c_in != c_out:
            self.shortcut = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False),
                                          nn.BatchNorm2d(c_out))

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class Glyphs(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32))
        self.blocks = nn.Sequential(Block(32, 32, 1), Block(32, 64, 2), Block(64, 64, 1))
        self.tail = nn.Sequential(nn.Conv2d(64, 96, 3, 2, 1, bias=False), nn.BatchNorm2d(96))
        self.classify = nn.Linear(96, len(CLASSES))

    def forward(self, x):
        x = self.blocks(F.relu(self.stem(x)))
        x = F.relu(self.tail(x))
        return self.classify(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


def tensor(images):
    x = torch.from_numpy(images.astype(np.float32) / 255).permute(0, 3, 1, 2)
    return ((x - MEAN) / STD).contiguous()


def main():
    torch.manual_seed(1)
    torch.set_num_threads(2)
    train_x, train_y = render_set(1, 36 * 700)
    test_x, test_y = render_set(2, 900)
    calib_x, _ = render_set(3, 128)
    x, y = tensor(train_x), torch.from_numpy(train_y)
    net = Glyphs()
    epochs, batch = 12, 100
    optimizer = torch.optim.SGD(net.parameters(), 0.1, 0.9, weight_decay=5e-4, nesterov=True)
    steps = epochs * (len(x) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.2, total_steps=steps)
    for epoch in range(epochs):
        net.train()
        order = torch.randperm(len(x))
        for i in range(len(x) // batch):
            pick = order[i * batch:(i + 1) * batch]
            loss = F.cross_entropy(net(x[pick]), y[pick], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        net.eval()
        with torch.no_grad():
            hits = (net(tensor(test_x)).argmax(1).numpy() == test_y).mean()
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}, test accuracy {100 * hits:.2f} %", flush=True)

    torch.onnx.export(net, tensor(test_x[:1]), os.path.join(HERE, "glyphs.onnx"), opset_version=13,
                      input_names=["image"], output_names=["scores"],
                      dynamic_axes={"image": {0: "N"}, "scores": {0: "N"}})
    np.save(os.path.join(HERE, "calib.npy"), calib_x)
    np.save(os.path.join(HERE, "test.npy"), test_x)
    np.save(os.path.join(HERE, "test_labels.npy"), test_y)
    preprocess = {"channel_order": "mono", "scale": 1 / 255, "mean": [MEAN], "std": [STD]}
    with open(os.path.join(HERE, "glyphs.json"), "w") as f:
        json.dump({"preprocess": preprocess, "class_names": list(CLASSES)}, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
