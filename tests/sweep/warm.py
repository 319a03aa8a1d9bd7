"""What each forked process needs alike: read once, before the first fork."""

from cerberus.settings import SimulatorSettings
from cerberus.simulator.datasets import dataset, load_bars

load_bars(dataset(SimulatorSettings().dataset))
