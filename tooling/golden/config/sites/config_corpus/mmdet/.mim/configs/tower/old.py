_base_ = 'tower.py'
_deprecation_ = dict(expected='tower.py', reference='a page')
model = dict(big=float('inf'), small=-1e-08, wide='x' * 3 + '%03d' % 7)
