// Arrows point down only: who may import whom (tooling/lib/layers.mjs).
import { layerProblems } from '../lib/layers.mjs';

export const check = ({ root }) => layerProblems(root);
