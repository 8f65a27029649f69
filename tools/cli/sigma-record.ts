export { toSigmaEvent } from '@vedette/sigma/command';
