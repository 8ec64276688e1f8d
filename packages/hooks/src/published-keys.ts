/** Parts of a checkpoint, by what MMEngine calls them too. */
const parts = {
  model: 'model',
  ema: 'ema',
  optim: 'optim',
  hook: 'hook',
  schedulers: 'schedulers',
  messageHub: 'messageHub',
  meta: undefined, // always there
  state_dict: 'model',
  ema_state_dict: 'ema',
  optimizer: 'optim',
  param_schedulers: 'schedulers',
  message_hub: 'messageHub',
} as const;

type PublishedKey = keyof typeof parts;
export const PUBLISHED_KEYS = Object.keys(parts) as [PublishedKey, ...PublishedKey[]];

/** The parts that keys stand for, each once, by our names. */
export function publishedParts(keys: readonly string[]): string[] {
  return [...new Set(keys.map((key) => parts[key as PublishedKey]))].filter((part) => part !== undefined);
}
