import { type AssociationName, ownMember } from '../../session-info.js';

/** A copy of the four members, in the order of `ASSOCIATION_NAMES` and `undefined` where absent. */
export function ownAssociations<Value>(source: { readonly [Name in AssociationName]?: Value | undefined }): {
  [Name in AssociationName]: Value | undefined;
} {
  return {
    agentId: ownMember(source, 'agentId'),
    customerId: ownMember(source, 'customerId'),
    visitId: ownMember(source, 'visitId'),
    globalVisitId: ownMember(source, 'globalVisitId'),
  };
}
