import { defineErrors } from '@engine/core';

export const visualizationErrors = defineErrors('VISUALIZATION', {
  NOT_STARTED: { kind: 'state', doc: 'A visualization backend is used before `init` told it where to write.' },
  BAD_FILE_NAME: {
    kind: 'value',
    doc: 'A file name given to a visualization backend has a folder in it or another ending than `.json`, or an image name leads out of the folder.',
  },
  BAD_IMAGE: { kind: 'type', doc: 'What is given as a picture is not uint8 of shape `(H, W, 1 | 3 | 4)`.' },
  NO_IMAGE: { kind: 'state', doc: 'Something is drawn, or a drawing is read, before `setImage`.' },
  BAD_COLOR: { kind: 'value', doc: 'A colour is neither a known name nor three numbers of 0 to 255.' },
  BAD_COORDINATES: { kind: 'value', doc: 'Coordinates to draw have another shape, or are not finite numbers.' },
  BAD_STYLE: { kind: 'value', doc: 'A list with one value for each item drawn is shorter than the items.' },
  BAD_MASK: { kind: 'type', doc: 'A mask to draw is not bool or uint8 of the size of the image.' },
  TRACKER_UNREACHABLE: { kind: 'io', doc: 'The server of a tracker cannot be reached, or fails again and again.' },
  TRACKER_REFUSED: { kind: 'value', doc: 'The server of a tracker does not take what is sent.' },
  NO_WANDB: {
    kind: 'dependency',
    doc: 'A run is to be logged to Weights & Biases, but the optional package `@wandb/sdk` cannot be loaded.',
  },
  BAD_FEATMAP: { kind: 'value', doc: 'A feature map cannot be drawn with the options given.' },
});
