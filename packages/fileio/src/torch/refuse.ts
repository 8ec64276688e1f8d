import { fileioErrors } from '../errors.js';

const AGAIN = 'copy or download the file again, or use an older one';
const STATE_DICT = 'save the weights alone in Python: torch.save(model.state_dict(), path)';

/** How the readers of one file refuse it: each makes an error that names the file. */
export interface Refuse {
  /** It is no file of `torch.save`. */
  foreign(received: string): Error;
  /** A relative that is not read: TorchScript, the tar files of PyTorch's beginnings. */
  kind(received: string): Error;
  truncated(expected: string, received: string): Error;
  broken(expected: string, received: string): Error;
  /** A tensor that the engine has no array for. */
  tensor(received: string): Error;
  /** More of something than a reader should be made to allocate. */
  limit(expected: string, received: string): Error;
}

export const refusing = (subject: string): Refuse => ({
  foreign: (received) =>
    fileioErrors.TORCH_FOREIGN({
      subject,
      expected: 'a file written by torch.save',
      received,
      action: 'check the path; files in safetensors format end in .safetensors',
    }),
  kind: (received) =>
    fileioErrors.TORCH_KIND({
      subject,
      expected: 'weights or a checkpoint written by torch.save',
      received,
      action: STATE_DICT,
    }),
  truncated: (expected, received) => fileioErrors.TORCH_TRUNCATED({ subject, expected, received, action: AGAIN }),
  broken: (expected, received) => fileioErrors.TORCH_BROKEN({ subject, expected, received, action: AGAIN }),
  tensor: (received) =>
    fileioErrors.TORCH_TENSOR({
      subject,
      expected: 'dense tensors of floats, whole numbers or booleans',
      received,
      action: 'convert it in Python (dequantize(), to_dense(), float()) and save again, or leave it out',
    }),
  limit: (expected, received) => fileioErrors.TORCH_LIMIT({ subject, expected, received, action: STATE_DICT }),
});
