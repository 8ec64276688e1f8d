export type * from './contract.js';
export type { AnnotatedSample, Datasample } from './datasample.js';
export type { VisBackendArgs, VisualizerArgs } from './define.js';
export { defineVisBackend } from './define.js';
export type { AnnotationOptions, Annotations } from './draw/annotations.js';
export { drawAnnotations } from './draw/annotations.js';
export type { Fill, ShapeStyle, Stroke, TextStyle } from './draw/canvas.js';
export { Canvas } from './draw/canvas.js';
export type { Color, Rgb } from './draw/color.js';
export { rgbOf } from './draw/color.js';
export type { ContactSheetOptions } from './draw/contact-sheet.js';
export { contactSheet } from './draw/contact-sheet.js';
export type { Coordinates, Polygons } from './draw/coordinates.js';
export type { Point } from './draw/coverage.js';
export type { LineStyle } from './draw/dashes.js';
export type {
  LineOptions,
  MaskOptions,
  PointOptions,
  ShapeOptions,
  TextBackground,
  TextOptions,
} from './draw/drawing.js';
export { Drawing } from './draw/drawing.js';
export type { FeatmapOptions } from './draw/featmap.js';
export { drawFeatmap } from './draw/featmap.js';
export type { Image } from './draw/image.js';
export { classColor, contrastTo, palette } from './draw/palette.js';
export type { PerItem } from './draw/per-item.js';
export { encodePng } from './draw/png.js';
export { visualizationErrors } from './errors.js';
export type { LocalVisBackendOptions } from './local-vis-backend.js';
export { LocalVisBackend } from './local-vis-backend.js';
export type { TensorboardVisBackendOptions } from './tensorboard/tensorboard-vis-backend.js';
export { TensorboardVisBackend } from './tensorboard/tensorboard-vis-backend.js';
export type { MLflowVisBackendOptions, MLflowVisBackendParts } from './trackers/mlflow-vis-backend.js';
export { MLflowVisBackend } from './trackers/mlflow-vis-backend.js';
export type { Fetch } from './trackers/send.js';
export type { WandbSdk, WandbVisBackendOptions } from './trackers/wandb-vis-backend.js';
export { WandbVisBackend } from './trackers/wandb-vis-backend.js';
export type { VisualizerOptions, VisualizerParts } from './visualizer.js';
export { Visualizer } from './visualizer.js';
