/** What a WebGPU device offers beyond the common ground, and how to ask for all of it. */

/** Features that a device is asked for where its adapter has them. */
const FEATURES = ['timestamp-query', 'bgra8unorm-storage', 'subgroups', 'shader-f16'] as const;

/** Above the default limits, where the adapter has more: kernels with many inputs and large tensors need it. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Asks for a device with all that kernels can use. */
export const fullDevice = ({features, limits}: GPUAdapter): GPUDeviceDescriptor => ({
  requiredFeatures: FEATURES.filter(feature => features.has(feature as GPUFeatureName)) as GPUFeatureName[],
  requiredLimits: Object.fromEntries(LIMITS.map(limit => [limit, limits[limit]])),
});

/** Whether shaders may use subgroups, and number them: which invocations form one is not fixed. */
export const hasSubgroups = ({features}: GPUDevice): boolean =>
  features.has('subgroups' as GPUFeatureName) && languageFeatures().has('subgroup_id');

const languageFeatures = (): ReadonlySet<string> =>
  (globalThis.navigator as {gpu?: {wgslLanguageFeatures?: ReadonlySet<string>}} | undefined)?.gpu
    ?.wgslLanguageFeatures ?? new Set();
