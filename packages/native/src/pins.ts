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
  alternatives: [
    pin(
      'tensorflow-2.21.0-cp310-cp310-manylinux_2_27_aarch64.whl',
      '7c97938b25cf70c80ae8619931f85abcdee2ab2eb256c2051202edb3b89e9a5d',
    ),
    pin(
      'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl',
      'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
    ),
    pin(
      'tensorflow-2.21.0-cp313-cp313-manylinux_2_27_aarch64.whl',
      'a10abdfb8b1189210c251021a3f153b7ccc52a8e6521351f3dc3331e8ba593e0',
    ),
  ],
  companions: [],
};

const MACOS_ARM64: LibraryPins = {
  library: pin(
    'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl',
    '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
  ),
  alternatives: [
    pin(
      'tensorflow-2.21.0-cp310-cp310-macosx_12_0_arm64.whl',
      '6462632889e0e9ce1455b208c87b86a8c154e899407ef7d426ef1ec71647f565',
    ),
    pin(
      'tensorflow-2.21.0-cp312-cp312-macosx_12_0_arm64.whl',
      '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
    ),
    pin(
      'tensorflow-2.21.0-cp313-cp313-macosx_12_0_arm64.whl',
      'a145ed46c58192b7c3f9916d070caf4f6afc6dc7e5511f83dd97677f4c4947f4',
    ),
  ],
  companions: [],
};

const PINS: Readonly<Record<Flavour, Readonly<Record<string, LibraryPins>>>> = {
  node: { 'linux-x64': LINUX_X64, 'linux-arm64': LINUX_ARM64, 'darwin-arm64': MACOS_ARM64 },
  cuda: { 'linux-x64': LINUX_X64_CUDA },
};

/** Where it was run, not only written down. */
const TESTED: readonly string[] = ['node on linux-x64'];

export const isTested = (flavour: Flavour, platform: string, arch: string): boolean =>
  TESTED.includes(`${flavour} on ${platform}-${arch}`);

/** Why there is nothing to install, where more is to say than that. */
const LACKING: Readonly<Record<string, string>> = {
  'darwin-x64': 'TensorFlow has no wheels for Macs with an Intel processor since 2.17',
};

const STAY = 'stay with the wasm backend, which runs everywhere, or point TENSORFLOW_LIB_DIR to';

/** @throws `ENGINE_NATIVE_PLATFORM`, `ENGINE_NATIVE_NO_C_API` */
export function pinsFor(flavour: Flavour, platform: string, arch: string): LibraryPins {
  const system = `${platform}-${arch}`;
  const pins = PINS[flavour][system];
  if (pins !== undefined) return pins;
  if (flavour === 'node' && system === 'win32-x64') throw withoutCApi();
  const reason = LACKING[system];
  throw nativeErrors.PLATFORM({
    subject: `backend ${flavour}`,
    expected: Object.keys(PINS[flavour]).join(', '),
    received: reason === undefined ? system : `${system}: ${reason}`,
    action: `${STAY} a library of your own`,
  });
}

/**
 * The wheels for Windows of TensorFlow 2.18, 2.20 and 2.21 were looked into: `_pywrap_tensorflow_common.dll` (in 2.18
 * `_pywrap_tensorflow_internal.pyd`) exports about 8190 C++ names, not one of the C API, and imports `python311.dll`; `tensorflow_cc.2.dll`
 * and `tensorflow_framework.2.dll` are 8704 bytes without an export.
 */
function withoutCApi(): Error {
  return nativeErrors.NO_C_API({
    subject: 'backend node on win32-x64',
    expected: 'a wheel whose libraries export the C API of TensorFlow',
    received: `those of TensorFlow ${TENSORFLOW_VERSION} for Windows export none of it`,
    action: `${STAY} the folder of a tensorflow.dll, TensorFlow's C library (untested)`,
  });
}
