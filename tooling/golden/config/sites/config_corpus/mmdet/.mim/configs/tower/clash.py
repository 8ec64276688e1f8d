_base_ = ['../_base_/schedule.py', './tower.py']
