export type { CpuOptions } from './cpu.js';
export { cpu, cpuEntry } from './cpu.js';
