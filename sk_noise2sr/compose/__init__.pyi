from ._anscombe import AnscombeTransformer as AnscombeTransformer
