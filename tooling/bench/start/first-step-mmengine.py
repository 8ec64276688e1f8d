"""The rival of `npm run bench -- start`: from nothing to the loss of one training step of LeNet by MMEngine's parts, as ours is by the engine's."""
import torch
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapper
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)


class LeNet(BaseModel):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
        )

    def forward(self, inputs, data_samples=None, mode="tensor"):
        outputs = self.layers(inputs)
        return {"loss": nn.functional.cross_entropy(outputs, data_samples)} if mode == "loss" else outputs


model = LeNet()
optim_wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9))
data = {"inputs": torch.ones(64, 1, 28, 28), "data_samples": torch.zeros(64, dtype=torch.int64)}
print(model.train_step(data, optim_wrapper)["loss"].item())
