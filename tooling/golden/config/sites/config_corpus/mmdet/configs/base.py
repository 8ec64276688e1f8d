from torch.optim import SGD
from mmengine.optim import OptimWrapper as Wrapper
import mmengine.runner.loops as loops

optim_wrapper = dict(type=Wrapper, optimizer=dict(type=SGD, lr=0.1))
train_cfg = dict(type=loops.EpochBasedTrainLoop, max_epochs=2)
steps = (1, 2)
