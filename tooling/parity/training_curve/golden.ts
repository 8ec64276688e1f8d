import type { GoldenTensor } from '../harness/tensors.js';

export type Fields = Readonly<Record<string, unknown>>;
export type GoldenState = Readonly<Record<string, GoldenTensor>>;

/** A config of the reference, with its keys. */
export interface GoldenConfig extends Fields {
  readonly model: Fields & { readonly p_drop: number };
  readonly randomness: { readonly seed: number };
}

export interface GoldenIter extends Fields {
  readonly epoch: number;
  readonly iter: number;
  readonly batch_idx: number;
  readonly lr: number;
  readonly momentum: number;
  readonly labels: readonly number[];
}

export interface GoldenVal {
  readonly epoch: number;
  readonly iter: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface GoldenRun {
  readonly name: string;
  /** Iterations after which the run was broken off; null where it was not. */
  readonly stopped_after_iter: number | null;
  /** Goes on, in the same work dir, from where the run of the same name was broken off. */
  readonly resumed: boolean;
  /** Null in a run that is resumed. */
  readonly weights_after_construction: GoldenState | null;
  /** Null where they are those after construction. */
  readonly weights_at_train_start: GoldenState | null;
  readonly iters: readonly GoldenIter[];
  readonly val: readonly GoldenVal[];
  readonly log_lines: readonly string[];
  readonly scalars: readonly Fields[];
  readonly files: readonly string[];
  readonly last_checkpoint: string;
  readonly final_epoch: number;
  readonly final_iter: number;
  readonly final_weights: GoldenState;
  readonly optimizer_lr: { readonly lr: readonly number[] };
  readonly schedulers: readonly { readonly type: string; readonly state: Fields }[];
  readonly message_hub: {
    readonly log_scalars: Readonly<Record<string, { readonly count: number; readonly last: number | null }>>;
    readonly runtime_info_keys: readonly string[];
    readonly resumed_keys: Readonly<Record<string, boolean>>;
  };
  readonly checkpoint?: GoldenCheckpoint;
  readonly learning?: Readonly<
    Record<'first_loss' | 'mean_of_last_5' | 'last_val_accuracy' | 'distinct_val_accuracies', number>
  >;
}

export interface GoldenCheckpoint {
  readonly file: string;
  readonly keys: readonly string[];
  readonly meta_keys: readonly string[];
  readonly epoch: number;
  readonly iter: number;
  readonly seed: number;
  readonly dataset_meta: Fields;
  readonly state_dict_keys: readonly string[];
  readonly optimizer_keys: readonly string[];
  readonly n_schedulers: number;
  readonly message_hub_keys: readonly string[];
  readonly hub_scalar_keys: readonly string[];
  readonly hub_info_keys: readonly string[];
}

/** What one unit in the last place of the initial weights changed. */
export interface Sensitivity {
  readonly loss_abs_change_per_iter: readonly number[];
  readonly final_weight_max_abs_change_by_name: Readonly<Record<string, number>>;
}

export interface Golden {
  readonly setup: { readonly configs: Readonly<Record<string, GoldenConfig>> };
  readonly controls?: Readonly<Record<string, unknown>>;
  readonly sensitivity: Readonly<Record<string, Sensitivity>>;
  readonly runs?: readonly GoldenRun[];
}

/** The name of a run's config and of its sensitivity: a run that is broken off or resumed has that of the whole one. */
export function configNameOf({ name }: Pick<GoldenRun, 'name'>): string {
  return name.replace(/^resume-/, '').replace(/-resumed$/, '');
}
