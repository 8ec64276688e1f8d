/** The wheels that `engine backend install` takes, each held to its SHA-256. */
import { nativeErrors } from './errors.js';
import type { Flavour } from './flavours.js';

export const TENSORFLOW_VERSION = '2.21.0';

/** One wheel of one project. */
export interface WheelPin {
  readonly project: string;
  readonly version: string;
  /** Its file name, which ends in the tags `pythonX.Y-abi-platform`. */
  readonly file: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What one library is made of. */
export interface LibraryPins {
  /** The wheel with TensorFlow's library. */
  readonly library: WheelPin;
  /** Wheels of the same library for other Pythons: as good, where a file of one is at hand. */
  readonly alternatives: readonly WheelPin[];
  /** Wheels with libraries that this one loads. */
  readonly companions: readonly WheelPin[];
}

function pin(file: string, sha256: string): WheelPin {
  const [project = '', version = ''] = file.split('-');
  return { project: project.replaceAll('_', '-'), version, file, sha256 };
}

const LINUX_X64: LibraryPins = {
  library: pin(
    'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  ),
  alternatives: [
    pin(
      'tensorflow_cpu-2.21.0-cp310-cp310-manylinux_2_27_x86_64.whl',
      'd143e92f5c0661cdfa26eaca8f73cd2efd0ec53a68af8dec82f584ba8eb14b83',
    ),
    pin(
      'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
      'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
    ),
    pin(
      'tensorflow_cpu-2.21.0-cp313-cp313-manylinux_2_27_x86_64.whl',
      '05af7c26d35f4de910b5598c7b507e3981831a7b0f47fed9a405d995d51d7793',
    ),
  ],
  companions: [],
};

const LINUX_X64_CUDA: LibraryPins = {
  library: pin(
    'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  ),
  alternatives: [],
  companions: [
    pin(
      'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
      'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    ),
    pin(
      'nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    ),
    pin(
      'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
      '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    ),
    pin(
      'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
      '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    ),
    pin(
      'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    ),
    pin(
      'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
      '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    ),
    pin(
      'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    ),
    pin(
      'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
      '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    ),
    pin(
      'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
      '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    ),
    pin(
      'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    ),
    pin(
      'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
      'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
    ),
    pin(
      'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
      'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    ),
  ],
};

const LINUX_ARM64: LibraryPins = {
  library: pin(
    'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
    '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  ),
  alternatives: [],
  companions: [],
};

const MACOS_ARM64: LibraryPins = {
  library: pin(
    'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
    '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
  ),
  alternatives: [],
  companions: [],
};

const PINS: Readonly<Record<Flavour, Readonly<Record<string, LibraryPins>>>> = {
  node: { 'linux-x64': LINUX_X64, 'linux-arm64': LINUX_ARM64, 'darwin-arm64': MACOS_ARM64 },
  cuda: { 'linux-x64': LINUX_X64_CUDA },
};

/** @throws `ENGINE_NATIVE_PLATFORM` */
export function pinsFor(flavour: Flavour, platform: string, arch: string): LibraryPins {
  const pins = PINS[flavour][`${platform}-${arch}`];
  if (pins !== undefined) return pins;
  throw nativeErrors.PLATFORM({
    subject: `backend ${flavour}`,
    expected: Object.keys(PINS[flavour]).join(', '),
    received: `${platform}-${arch}`,
    action: 'stay with the wasm backend, which runs everywhere, or point TENSORFLOW_LIB_DIR to a library of your own',
  });
}
