export { cpu, cpuEntry } from './cpu.js';
export type { CpuOptions } from './cpu.js';
