// Types of window.weightroom, the page's scripting interface. What it all means is told in docs/api.md; a test holds the
// two to each other and to the page.

/** `window.weightroom`. `ready` and `on` are there from the start, the others with `ready` at the latest. */
export interface Weightroom {
  /**
   * Resolved once the first answer is there, or the page has said why there is none; rejected where the program cannot
   * start.
   */
  readonly ready: Promise<void>;
  /** Runs a command. Returns the document's revision, or a sentence that says why the command was refused. */
  run(command: Command): number | string;
  /** The same of a command's JSON. */
  run(json: string): number | string;
  /** The document and its results, as they are once a model is open. */
  state(): State;
  /** One part of it; null before a model is open. Throws where there is no such part. */
  state<Part extends keyof State>(part: Part): State[Part];
  state<Part extends keyof State>(parts: readonly Part[]): Pick<State, Part>;
  /** Calls `listener` at each event; returns a function that ends it. Throws where there is no such event. */
  on<Name extends keyof Events>(event: Name, listener: (event: Events[Name]) => void): () => void;
  /** A widget's rectangle in page pixels, such as `weight/conv1/3/0/1/2`, or null. */
  where(id: string): Place | null;
}

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Not scrolled out of sight. */
  visible: boolean;
}

// ---- Events

export interface Events {
  change: { revision: number };
  results: { revision: number };
  map: { revision: number };
  study: { revision: number; page: Page; state: StudyState };
  progress: { revision: number; job: string; progress: number };
  notice: { revision: number; sentence: string };
  error: { revision: number; sentence: string };
  idle: { revision: number };
}

export type StudyState = 'none' | 'waiting' | 'running' | 'stopped' | 'done';

// ---- Words

/** One weight: `conv1.weight[3,0,1,2]`, `fc.bias[1]`. */
export type WeightName = string;
/** A part of the model: `all`, `conv2`, `conv2.weight[0:4,1:3];fc`. */
export type ModelPart = string;
/** A class by its label or index. */
export type Class = string | number;
/** Of methods and operations, by name: numbers, or words where a parameter has those. */
export type Params = Record<string, number | string>;
export type Page =
  | 'layers' | 'edit' | 'accuracy' | 'size' | 'curves' | 'difference' | 'compare' | 'trust' | 'ranking' | 'units'
  | 'teach';
export type Overlay = 'value' | 'gradient' | 'weight_x_gradient' | 'change' | 'loss' | 'ablation';
export type Operation =
  | 'set' | 'scale' | 'shift' | 'noise' | 'zero' | 'negate' | 'clamp' | 'shuffle' | 'reinitialise' | 'blend'
  | 'symmetrise' | 'copy' | 'swap' | 'prune' | 'quantise';
export type Removal = 'deletion' | 'insertion' | 'pixel_flipping' | 'road';

// ---- Commands

export type Command =
  | { command: 'set_weight'; weight: WeightName; value: number | string; preview?: boolean }
  | { command: 'transform_weight'; weight: WeightName; operation: 'zero' | 'negate' | 'double' }
  | { command: 'reset'; scope: 'weight' | 'layer'; weight: WeightName }
  | { command: 'reset'; scope: 'all' }
  | {
      command: 'change'; operation: Operation; on: ModelPart; from?: ModelPart; params?: Params; preview?: boolean;
      again?: boolean;
    }
  | { command: 'switch'; layer: string; channel?: number | null; on: boolean }
  | { command: 'undo' }
  | { command: 'redo' }
  | { command: 'save_history' }
  | { command: 'save_model'; as?: 'plain' | 'fp32' | 'fp16' | 'int8' | 'int4' | 'smallest' | 'onnx' }
  | { command: 'save_map'; as: 'picture' | 'numbers' }
  | { command: 'select_weight'; weight: WeightName }
  | { command: 'select_layer'; layer: string }
  | { command: 'select_channel'; layer: string; channel: number }
  | { command: 'select_channel'; layer?: string; channel: null }
  | { command: 'set_target'; target: Class | null }
  | { command: 'set_method'; method: string; params?: Params; layer?: string }
  | { command: 'remember_picture'; remember?: boolean }
  | { command: 'set_view'; overlay?: Overlay; map?: boolean; opacity?: number; seen?: boolean; compare?: boolean }
  | { command: 'open_page'; page: Page }
  | { command: 'save_curve' }
  | { command: 'stop_map' }
  | { command: 'start_map' }
  | { command: 'start_study' }
  | { command: 'stop_study' }
  | { command: 'set_crop'; x: number; y: number; size: number }
  | {
      command: 'set_reading'; size?: number; order?: 'rgb' | 'bgr'; scale?: 'imagenet' | '0-1' | '-1-1' | '0-255';
      mean?: number[]; std?: number[]; crop?: number; invert?: boolean;
    }
  | { command: 'set_labels'; labels: string[] }
  | { command: 'open_sample'; name: string }
  | { command: 'open_model'; name: string; set?: string }
  | { command: 'open_set'; name: string }
  | { command: 'close_set' }
  | { command: 'map_class'; class: string; to: Class | null }
  | { command: 'select_cell'; truth: Class; answer: Class }
  | { command: 'select_cell'; truth: null }
  | { command: 'open_measured'; picture: number }
  | { command: 'add_class'; name?: string }
  | { command: 'rename_class'; class: Class; name: string }
  | { command: 'remove_class'; class: Class }
  | { command: 'move_picture'; picture: number; class: Class }
  | { command: 'remove_picture'; picture: number }
  | { command: 'open_taught'; picture: number }
  | { command: 'learn' }
  | { command: 'end_teaching' }
  | { command: 'dismiss_error' }
  | ({ command: 'set_curve' } & Partial<CurveChoice>)
  | ({ command: 'set_compare' } & Partial<CompareChoice>)
  | ({ command: 'set_trust' } & Partial<TrustChoice>)
  | ({ command: 'set_ranking' } & Partial<RankingChoice>)
  | ({ command: 'set_units' } & Partial<UnitsChoice>)
  | ({ command: 'set_teach' } & Partial<TeachChoice>);

// ---- What is chosen on a page: fields of its command and of the state alike

export interface CurveChoice {
  kind: 'weight' | 'share' | 'bits' | 'plane';
  on: ModelPart;
  second: WeightName | null;
}
export interface CompareChoice {
  across: 'methods' | 'classes';
  methods: string[];
  classes: Class[] | null;
  one_scale: boolean;
}
export interface TrustChoice {
  question: 'sanity' | 'faithfulness';
  methods: string[];
  shuffle: 'cascading' | 'independent';
  removal: Removal;
  seed: number;
}
export interface RankingChoice {
  show: 'ranking' | 'flips';
  by: 'contribution' | 'ablation' | 'loss' | 'exact';
  grain: 'weight' | 'kernel' | 'channel';
  of: 'model' | 'layer';
  biases: boolean;
  /** `picture`, `pictures` or a class of the open set. */
  over: string;
}
export interface TeachChoice {
  head: 'automatic' | 'instant' | 'fitted';
  lambda: number;
  alike: boolean;
  wait: boolean;
  /** The class that pictures go to, by its place; -1: the bench. */
  into: number;
}
export interface UnitsChoice {
  show: 'visualise' | 'nudge';
  norm: 'largest' | 'length';
  search: 'fgsm' | 'pgd';
  layer: string | null;
  channel: number;
  y: number | null;
  x: number | null;
  images: number;
  steps: number;
  seed: number;
  toward: Class | null;
}

// ---- The state. Before the first model has come there are only revision, ready, version, jobs, error and notice.

export interface State {
  revision: number;
  /** Every result belongs to this revision. */
  ready: boolean;
  model: Model;
  /** `truth`: of a picture of the labelled set the class that is right; null: nobody has said it. */
  picture: {
    name: string; truth: string | null; width: number; height: number; crop: { x: number; y: number; size: number };
  } | null;
  second_picture: string | null;
  /** The best first. */
  none_of_these: boolean | null;
  changed: {
    from: string; to: string; layer: string; channel: number; before: number; now: number;
    reader: string | null; reader_channel: number | null;
  } | null;
  predictions: {
    label: string; index: number; probability: number; logit: number; unedited_probability: number;
    unedited_logit: number;
  }[];
  target: { index: number; label: string; follows: boolean } | null;
  edits: Edit[];
  /** `channel` null: the layer's activation function. */
  off: { layer: string; channel: number | null }[];
  can_undo: boolean;
  can_redo: boolean;
  selection: Selection;
  map: SaliencyMap;
  view: { overlay: Overlay; map: boolean; opacity: number; seen: boolean; compare: boolean };
  study: Study;
  /** Of the selected weight; null until known. */
  effect: Effect | null;
  /** Of the open labelled set; null where there is none. */
  measure: Measure | null;
  /** Null until the page Size was open. */
  size: Sizes | null;
  forward_ms: number;
  threads: number;
  /** Classes of the visitor's own; null: there are none. */
  teach: {
    classes: { name: string; takes: number; pictures: { picture: number; name: string; take: number }[] }[];
    base: string | null;
    waits: boolean;
    warnings: string[];
    learnt: {
      head: 'instant' | 'fitted'; classes: string[]; pictures: number; scale: number; ms: number;
      fit: { iterations: number; loss: number; gradient: number } | null;
      held_out: {
        accuracy: number; pictures: number; folds: number; fewest_takes: number; known: boolean; suspects: number[];
        strangeness: number | null;
      } | null;
    } | null;
    made_of: { logit: number; bias: number; edits: number; shares: { picture: number; share: number }[] } | null;
  } | null;
  /** The open set or the samples; null until asked for. */
  pictures: { name: string; count: number; classes: string[] } | null;
  /** Names of pictures that the visitor brought, the last one first; `open_sample` knows them. */
  own_pictures: string[];
  /** Of Weightroom. */
  version: string;
  /** What is under way; `progress` null: not known. */
  jobs: { name: string; progress: number | null }[];
  /** The sentences that are shown, or empty. */
  error: string;
  notice: string;
}

export interface Model {
  name: string;
  title: string;
  /** SHA-256 of graph and weights; null until known. */
  fingerprint: string | null;
  loaded_fingerprint: string | null;
  weights: number;
  multiply_adds: number;
  labels: string[];
  /** What makes probabilities of the logits. */
  answer: 'softmax' | 'sigmoid';
  reading: { order: 'rgb' | 'bgr'; mean: number[]; std: number[]; crop: number; invert: boolean };
  layers: { name: string; op: string; shape: number[] }[];
}

export interface Edit {
  operation: Operation | 'double' | 'reset' | 'switch_on' | 'switch_off' | 'take_weights';
  on: ModelPart;
  params: Record<string, number | string | null>;
  /** For people. */
  words: string;
  changed: number;
  accuracy_before: number | null;
  accuracy_after: number | null;
  bytes_before: number | null;
  bytes_after: number | null;
  /** All of them, where they are 64 or fewer. */
  weights: { weight: WeightName; before: number; after: number }[];
}

export type Selection = { layer: string; channel: { layer: string; index: number } | null } & (
  | { weight: WeightName; value: number; loaded_value: number; range: number }
  | { weight: null; value?: undefined; loaded_value?: undefined; range?: undefined }
);

export interface SaliencyMap {
  method: string;
  params: Params;
  layer: string | null;
  attribution_shape: number[];
  height: number;
  width: number;
  scale: number;
  no_evidence: boolean;
  /** Null of a method that compares with no baseline. */
  completeness_error: number | null;
  /** Whatever the picture, its values are together the target's logit less its bias. */
  adds_up: boolean;
  note: string;
  revision: number;
  ms: number;
  progress: number;
  stopped: boolean;
}

export interface Study {
  page: Page;
  state: StudyState;
  progress: number;
  /** Through the network, that all of it takes, about. */
  passes: number;
  /** Null in `accuracy` and `loss`: not measured yet. */
  curve: CurveChoice & {
    second_weight: WeightName | null; what: string | null; x: number[]; y: number[]; accuracy: (number | null)[];
    loss: (number | null)[]; bytes: (number | null)[]; pictures: number; lacks_set: boolean; lacks_weight: boolean;
  };
  difference: {
    first: string | null;
    pictures: number;
    channels: { channel: number; largest: number | null }[];
    layers: {
      layer: string; relative: number | null; largest: number | null; silent_before: number[]; silent_now: number[];
    }[];
  };
  compare: CompareChoice & {
    /** Of tiles.length rows of as many; null where one of the two is not done. */
    rank_correlation: (number | null)[];
    tiles: {
      method: string; class: string; progress: number; scale: number; no_evidence: boolean;
      completeness_error: number | null; ms: number;
    }[];
  };
  trust: TrustChoice & {
    sanity: {
      method: string;
      layers: {
        layer: string; rank_correlation: number | null; rank_correlation_of_sizes: number | null;
        structural_similarity: number | null;
      }[];
    }[];
    faithfulness: {
      map: string; infidelity: number | null; sensitivity: number | null; sparseness: number | null;
      /** As far as they are worked out. */
      curves: Partial<Record<Removal, { probability: number[]; logit: number[]; area: number }>>;
    }[];
  };
  ranking: RankingChoice & {
    pictures: number;
    checked: boolean;
    flips_done: boolean;
    ms: number;
    rows: { first_weight: WeightName; weights: number; score: number; predicted: number; exact: number | null }[];
    flips: { weight: WeightName; from: number; to: number; answer: string; deviations: number }[];
  };
  units: UnitsChoice & {
    values: number[];
    history: number[];
    exciting: { name: string; value: number }[];
    set: string;
    nudge: {
      found: boolean; before: string; after: string; budget: number; largest: number; root_mean_square: number;
    } | null;
  };
  teach: TeachChoice;
}

export interface Effect {
  value?: number;
  contributions?: { class: string; gradient: number; contribution: number }[];
  curve?: { class: string; gradient: number; zero_predicted: number; reference: Trial; zero: Trial; trials: Trial[] };
}
export interface Trial {
  value: number;
  logit: number;
  answer: string;
  switched: number;
  first_switched: string | null;
}

export interface Measure {
  set: {
    /** `pictures` of `whole` are looked at. */
    name: string; pictures: number; whole: number;
    classes: { name: string; pictures: number; class: string | null }[];
    /** What could not be read, and is in no figure: by format, or `damaged`, `link`, `packed`, `sparse`; the first three names. */
    unread: { count: number; kinds: { kind: string; count: number; pictures: string[] }[] };
  };
  progress: number;
  unedited: Evaluation | null;
  now: Evaluation | null;
  cell?: {
    truth: string | null; answer: string | null;
    pictures: { picture: number; name: string; confidence: number }[];
  } | null;
  whole?: boolean;
  ms?: number;
  /** The share that was not run again. */
  spared?: number;
}
export interface Evaluation {
  pictures: number;
  accuracy: number;
  top5: number;
  loss: number;
  calibration: number;
  unanswered: number;
  classes: { class: string; pictures: number; recall: number }[];
  /** Truth, answer, how many. */
  confusion: [number, number, number][];
}

/** In bytes. */
export interface Stored {
  plain: number;
  fp32: number;
  fp16: number;
  int8: number;
  int4: number;
  smallest: number;
  gzip: number | null;
}
export interface Sizes {
  file: Stored & { onnx: number };
  layers: {
    layer: string; weights: number; zeros: number; multiply_adds: number; ms: number | null; bytes: Stored;
  }[];
}

declare global {
  var weightroom: Weightroom;
}
