"""What int8 loses: each bundled model beside its network in float32."""
