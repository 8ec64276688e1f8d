/** The functions of TensorFlow's C API that are called, declared once. Pointers are passed as 64-bit numbers. */
import { nativeErrors } from './errors.js';
import type { CFunction } from './ffi.js';

const DECLARATIONS = {
  version: 'const char* TF_Version()',
  newStatus: 'int64 TF_NewStatus()',
  code: 'int TF_GetCode(int64 status)',
  message: 'const char* TF_Message(int64 status)',
  newOptions: 'int64 TFE_NewContextOptions()',
  setConfig: 'void TFE_ContextOptionsSetConfig(int64 options, const void* proto, size_t length, int64 status)',
  deleteOptions: 'void TFE_DeleteContextOptions(int64 options)',
  newContext: 'int64 TFE_NewContext(int64 options, int64 status)',
  deleteContext: 'void TFE_DeleteContext(int64 context)',
  clearCaches: 'void TFE_ContextClearCaches(int64 context)',
  wait: 'void TFE_ContextAsyncWait(int64 context, int64 status)',
  listDevices: 'int64 TFE_ContextListDevices(int64 context, int64 status)',
  deviceCount: 'int TF_DeviceListCount(int64 list)',
  deviceType: 'const char* TF_DeviceListType(int64 list, int index, int64 status)',
  deviceName: 'const char* TF_DeviceListName(int64 list, int index, int64 status)',
  deleteDevices: 'void TF_DeleteDeviceList(int64 list)',
  newOp: 'int64 TFE_NewOp(int64 context, const char* name, int64 status)',
  resetOp: 'void TFE_OpReset(int64 op, const char* name, const char* device, int64 status)',
  deleteOp: 'void TFE_DeleteOp(int64 op)',
  addInput: 'void TFE_OpAddInput(int64 op, int64 handle, int64 status)',
  setType: 'void TFE_OpSetAttrType(int64 op, const char* name, int value)',
  setInt: 'void TFE_OpSetAttrInt(int64 op, const char* name, int64 value)',
  setFloat: 'void TFE_OpSetAttrFloat(int64 op, const char* name, float value)',
  setBool: 'void TFE_OpSetAttrBool(int64 op, const char* name, uchar value)',
  setString: 'void TFE_OpSetAttrString(int64 op, const char* name, const char* value, size_t length)',
  setInts: 'void TFE_OpSetAttrIntList(int64 op, const char* name, const int64* values, int count)',
  setShape: 'void TFE_OpSetAttrShape(int64 op, const char* name, const int64* dims, int rank, int64 status)',
  execute: 'void TFE_Execute(int64 op, void* outputs, void* count, int64 status)',
  deleteHandle: 'void TFE_DeleteTensorHandle(int64 handle)',
  dtype: 'int TFE_TensorHandleDataType(int64 handle)',
  rank: 'int TFE_TensorHandleNumDims(int64 handle, int64 status)',
  extent: 'int64 TFE_TensorHandleDim(int64 handle, int axis, int64 status)',
  resolve: 'int64 TFE_TensorHandleResolve(int64 handle, int64 status)',
  newHandle: 'int64 TFE_NewTensorHandle(int64 tensor, int64 status)',
  toDevice: 'int64 TFE_TensorHandleCopyToDevice(int64 handle, int64 context, const char* device, int64 status)',
  allocate: 'int64 TF_AllocateTensor(int dtype, const int64* dims, int rank, size_t bytes)',
  data: 'int64 TF_TensorData(int64 tensor)',
  byteSize: 'size_t TF_TensorByteSize(int64 tensor)',
  deleteTensor: 'void TF_DeleteTensor(int64 tensor)',
} as const;

export type CApi = { readonly [Name in keyof typeof DECLARATIONS]: CFunction };

/** Looks every function up; `path` is for the message. @throws `ENGINE_NATIVE_NO_C_API` */
export function declareCApi(library: { func(declaration: string): CFunction }, path: string): CApi {
  const entries = Object.entries(DECLARATIONS).map(([name, declaration]) => {
    try {
      return [name, library.func(declaration)] as const;
    } catch (cause) {
      throw lacking(path, { declaration, cause });
    }
  });
  return Object.fromEntries(entries) as unknown as CApi;
}

function lacking(path: string, { declaration, cause }: { declaration: string; cause: unknown }): Error {
  return nativeErrors.NO_C_API({
    subject: path,
    expected: `a library with TensorFlow's C API: ${declaration}`,
    received: cause instanceof Error ? cause.message : String(cause),
    action: 'take the library of a TensorFlow wheel (engine backend install node), or a newer one',
    cause,
  });
}
